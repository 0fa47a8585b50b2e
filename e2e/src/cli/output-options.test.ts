import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const ESCAPE = '\u001B[';

test('--quiet leaves stderr to warnings and errors, and stdout as it is', (t) => {
  const dir = useTempDir(t);
  const commands = [
    ['gen', join(dir, 'made.sfrec'), '--connections', '5'],
    ['replay', REAL_RECORDING, '--sink', `file:${join(dir, 'out.ndjson')}`],
    ['convert', REAL_RECORDING, join(dir, 'copy.csv')],
  ];
  for (const command of commands) {
    assert.notEqual(sockflowOk(command).stderr, '', command.join(' '));
    assert.equal(sockflowOk([...command, '--quiet']).stderr, '', command.join(' '));
  }
  const inspect = ['inspect', REAL_RECORDING];
  assert.equal(sockflowOk([...inspect, '--quiet']).stdout, sockflowOk(inspect).stdout);
  const failed = sockflow(['replay', join(dir, 'none.sfrec'), '--quiet']);
  assert.match(failed.stderr, /^error ERR_SOCKFLOW_RECORDING_MISSING/);
  assert.equal(sockflow(['replay', REAL_RECORDING, '--quiet', '--verbose']).status, 2);
});

test('--color goes before NO_COLOR and FORCE_COLOR, which go before what the stream is', () => {
  const isColored = (args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean =>
    sockflowOk(['inspect', REAL_RECORDING, ...args], { env }).stdout.includes(ESCAPE);
  assert.equal(isColored([]), false);
  assert.equal(isColored([], { FORCE_COLOR: '1' }), true);
  assert.equal(isColored([], { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
  assert.equal(isColored(['--color', 'always']), true);
  assert.equal(isColored(['--color=always'], { NO_COLOR: '1' }), true);
  assert.equal(isColored(['--color', 'never'], { FORCE_COLOR: '1' }), false);
  assert.equal(isColored(['--color', 'auto'], { FORCE_COLOR: '1' }), true);
  assert.equal(sockflow(['inspect', REAL_RECORDING, '--color', 'sometimes']).status, 2);
});
