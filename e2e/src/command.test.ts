import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));

test('npx sockflow at the root of a built checkout is the command', () => {
  const result = spawnSync('npx', ['--no-install', 'sockflow', '--help'], {
    cwd: WORKSPACE,
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /usage: sockflow/i);
});
