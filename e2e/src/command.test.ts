import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runCommand, WORKSPACE } from './workspace.ts';

test('npx sockflow at the root of a built checkout is the command', () => {
  const usage = runCommand('npx', ['--no-install', 'sockflow', '--help'], { cwd: WORKSPACE });
  assert.match(usage, /usage: sockflow/i);
});
