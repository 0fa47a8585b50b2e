import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { runCommand, WORKSPACE } from '../workspace.ts';
import { REAL_RECORDING } from './sockflow-command.ts';

test('the real recording of the fixtures is made of the raw events, byte for byte', (t) => {
  const dir = useTempDir(t);
  runCommand(process.execPath, ['scripts/fixtures.mjs', dir], { cwd: WORKSPACE });
  const made = readFileSync(join(dir, 'real.sfrec'));
  assert.ok(made.equals(readFileSync(REAL_RECORDING)), 'they differ: run pnpm fixtures');
});
