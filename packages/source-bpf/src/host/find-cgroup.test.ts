import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { type CgroupFiles, findCgroup } from './find-cgroup.ts';

const CGROUP2 = 0x63677270;
const CGROUP1 = 0x27e0eb;
const TMPFS = 0x01021994;

const V1 = '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu';
const HYBRID = `${V1}\n41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw\n`;
const ESCAPED = String.raw`41 31 0:38 / /mnt/c\040group\0112\134x rw - cgroup2 none rw`;
const BIND =
  '40 31 0:38 /a/b /mnt/part rw - cgroup2 none rw\n41 31 0:38 / /sys/fs/cgroup rw - cgroup2 none rw';

function files(mountInfo: string, paths: Readonly<Record<string, number>> = {}): CgroupFiles {
  return {
    mountInfo: () => mountInfo,
    fileSystemType: (path) => {
      const type = paths[path];
      if (type === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
      return type;
    },
    isDirectory: (path) => !path.endsWith('.procs'),
    realPath: (path) => path,
  };
}

function refusal(cgroup: string, given: CgroupFiles): Error & { remedy?: string } {
  try {
    findCgroup(cgroup, given);
  } catch (error) {
    if (isSockflowError(error) && error.code === 'ERR_SOCKFLOW_KERNEL_CGROUP') return error;
    throw error;
  }
  throw new Error('found one');
}

test('auto is the mount of cgroup2, beside controllers of v1 too', () => {
  assert.deepEqual(findCgroup('auto', files(HYBRID)), {
    path: '/sys/fs/cgroup/unified',
    below: '/',
  });
});

test('a mount path with spaces, tabs and backslashes is found as it is', () => {
  assert.equal(findCgroup('auto', files(ESCAPED)).path, '/mnt/c group\t2\\x');
});

test('the whole of cgroup2 goes before a bind mount of a part', () => {
  assert.equal(findCgroup('auto', files(BIND)).path, '/sys/fs/cgroup');
});

test('cgroup v1 alone is said to be that; no cgroup is said to be none', () => {
  assert.match(refusal('auto', files(V1)).message, /cgroup v1 alone/);
  assert.match(refusal('auto', files('')).message, /no cgroup mounted/);
  assert.match(refusal('auto', files(V1)).remedy ?? '', /mount -t cgroup2/);
});

test('a path is taken as it is, or below the mount, with or without the slash', () => {
  const machine = files(HYBRID, {
    '/sys/fs/cgroup/unified/a/b': CGROUP2,
    '/a': TMPFS,
  });
  const found = { path: '/sys/fs/cgroup/unified/a/b', below: '/a/b' };
  assert.deepEqual(findCgroup('/sys/fs/cgroup/unified/a/b', machine), found);
  assert.deepEqual(findCgroup('/sys/fs/cgroup/unified/a/../a/b/', machine), found);
  assert.deepEqual(findCgroup('/a/b', machine), found);
  assert.deepEqual(findCgroup('a/b/', machine), found);
});

test('a link to a cgroup is followed to where it lies', () => {
  const machine = {
    ...files(HYBRID, { '/run/web': CGROUP2 }),
    realPath: () => '/sys/fs/cgroup/unified/a/web',
  };
  assert.deepEqual(findCgroup('/run/web', machine), {
    path: '/sys/fs/cgroup/unified/a/web',
    below: '/a/web',
  });
});

test('what lies in a bind mount of a part is found below the whole, where that is mounted', () => {
  const paths = { '/mnt/part': CGROUP2, '/mnt/part/c': CGROUP2 };
  const whole = { '/sys/fs/cgroup/a/b': CGROUP2, '/sys/fs/cgroup/a/b/c': CGROUP2 };
  const machine = files(BIND, { ...paths, ...whole });
  assert.deepEqual(findCgroup('/mnt/part', machine), { path: '/sys/fs/cgroup/a/b', below: '/a/b' });
  assert.deepEqual(findCgroup('/mnt/part/c', machine), {
    path: '/sys/fs/cgroup/a/b/c',
    below: '/a/b/c',
  });
  const hidden = { path: '/mnt/part/c', below: '/c' };
  assert.deepEqual(findCgroup('/mnt/part/c', files(BIND, paths)), hidden);
  const outside = BIND.replace('/a/b', '/../b');
  assert.deepEqual(findCgroup('/mnt/part/c', files(outside, { ...paths, ...whole })), hidden);
});

test('what is no cgroup2 directory is refused for what it is', () => {
  const machine = files(HYBRID, {
    '/sys/fs/cgroup/cpu': CGROUP1,
    '/tmp': TMPFS,
    '/sys/fs/cgroup/unified/cgroup.procs': CGROUP2,
  });
  assert.match(refusal('/sys/fs/cgroup/cpu', machine).message, /a cgroup v1 directory/);
  assert.match(refusal('/tmp', machine).message, /another file system/);
  assert.match(refusal('/gone', machine).message, /no such directory/);
  assert.match(
    refusal('/sys/fs/cgroup/unified/cgroup.procs', machine).message,
    /a file of a cgroup/,
  );
  assert.match(refusal('/gone', machine).remedy ?? '', /below \/sys\/fs\/cgroup\/unified/);
});

test('a machine without /proc says that it is missing', () => {
  const machine = { ...files(''), mountInfo: () => assert.fail('ENOENT') };
  assert.match(refusal('auto', machine).message, /mountinfo, which cannot be read/);
});
