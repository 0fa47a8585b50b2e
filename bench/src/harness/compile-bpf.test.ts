import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';

import { compileBpf } from './compile-bpf.ts';

const hasClang = spawnSync('clang', ['--version'], { stdio: 'ignore' }).status === 0;

test(
  'an object is compiled once, and not written to while another run reads it',
  { skip: !hasClang },
  () => {
    const path = compileBpf('smallest');
    const before = statSync(path);
    assert.deepEqual([...readFileSync(path).subarray(1, 4)], [...Buffer.from('ELF')]);
    assert.equal(compileBpf('smallest'), path);
    assert.equal(statSync(path).mtimeMs, before.mtimeMs);
  },
);
