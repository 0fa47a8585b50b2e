import assert from 'node:assert/strict';
import { test } from 'node:test';

import { otherPrograms, type OtherProgramsMachine } from './other-programs.ts';

const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  '/mnt': ['a', 'z'],
  '/mnt/a': ['b'],
  '/mnt/a/b': ['c', 'gone'],
  '/mnt/a/b/c': [],
};

function machine(programs: Readonly<Record<string, readonly number[]>>): OtherProgramsMachine {
  const known = (path: string): readonly string[] => {
    const children = CHILDREN[path];
    if (children === undefined) throw new Error(`ENOENT: ${path}`);
    return children;
  };
  return {
    childrenOf: known,
    sockOpsPrograms: (path) => {
      known(path);
      return (programs[path] ?? []).map((id) => ({ id, name: id === 3 ? '' : `program_${id}` }));
    },
  };
}

test('programs on the cgroup, above it up to the mount, and below it are found, each once', () => {
  const programs = { '/mnt': [1], '/mnt/a': [2, 1], '/mnt/a/b': [3], '/mnt/a/b/c': [4] };
  assert.deepEqual(otherPrograms({ path: '/mnt/a/b', below: '/a/b' }, machine(programs)), [
    'a program (id 3)',
    'program_2 (id 2)',
    'program_1 (id 1)',
    'program_4 (id 4)',
  ]);
});

test('programs beside the way are not, and a cgroup that has gone has none', () => {
  const programs = { '/mnt/z': [1], '/mnt/a/b/gone': [2] };
  assert.deepEqual(otherPrograms({ path: '/mnt/a', below: '/a' }, machine(programs)), []);
  assert.deepEqual(otherPrograms({ path: '/mnt/none', below: '/none' }, machine(programs)), []);
});

test('of the root there is nothing above', () => {
  const programs = { '/mnt': [1], '/mnt/a/b/c': [2] };
  assert.deepEqual(otherPrograms({ path: '/mnt', below: '/' }, machine(programs)), [
    'program_1 (id 1)',
    'program_2 (id 2)',
  ]);
});
