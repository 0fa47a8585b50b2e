import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { replay } from './replay.ts';

test('a replay names the file that it reads', (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'in.sfrec'), '');
  writeFileSync(join(dir, 'in.0.sfrec'), '');
  assert.deepEqual(replay(join(dir, 'in.sfrec')).inputs?.(), [join(dir, 'in.sfrec')]);
});

test('a replay of several parts names each, finished or not, and the name that they share', (t) => {
  const dir = useTempDir(t);
  for (const name of ['in.0.sfrec', 'in.1.sfrec.part', 'other.0.sfrec'])
    writeFileSync(join(dir, name), '');
  const inputs = replay(join(dir, 'in.sfrec')).inputs?.() ?? [];
  assert.deepEqual(inputs.toSorted(), [
    join(dir, 'in.0.sfrec'),
    join(dir, 'in.1.sfrec'),
    join(dir, 'in.1.sfrec.part'),
    join(dir, 'in.sfrec'),
  ]);
});

test('a replay of one part names the recording whose writing would remove it', (t) => {
  const part = join(useTempDir(t), 'in.3.sfrec');
  writeFileSync(part, '');
  assert.ok(replay(part).inputs?.().includes(join(part, '../in.sfrec')));
});

test('a replay of what is not there, or below a file, names the path', (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'file'), '');
  for (const path of [join(dir, 'none/in.sfrec'), join(dir, 'file/in.sfrec')])
    assert.deepEqual(replay(path).inputs?.(), [path]);
});
