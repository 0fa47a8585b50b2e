import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { REAL_RECORDING, SOCKFLOW, sockflowOk, userEnv } from './sockflow-command.ts';

const ESCAPE = String.fromCharCode(0x1b);
const COLOR = new RegExp(`${ESCAPE}\\[\\d+m`);
const CURSOR_MOVE = new RegExp(`${ESCAPE}\\[[\\d;]*[GKJ]`);

/** Runs the command on a terminal of its own, by util-linux' script. */
function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const line = [process.execPath, SOCKFLOW, ...args].map((word) => `'${word}'`).join(' ');
  const run = spawnSync('script', ['-qec', line, '/dev/null'], {
    env: userEnv({ TERM: 'xterm-256color', ...env }),
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stdout);
  return run.stdout;
}

function madeRecording(t: TestContext): string {
  const path = join(useTempDir(t), 'made.sfrec');
  sockflowOk(['gen', path, '--size', '64MiB']);
  return path;
}

test('on a terminal there is progress with rate and time left, which is gone at the end', (t) => {
  if (!requireTool(t, 'script')) return;
  const path = madeRecording(t);
  const text = onTerminal(['convert', path, `${path}.ndjson`]);
  assert.match(text, /convert .*\d+ %.* · [\d.]+ ?[kM]? events · .* events\/s · .* left/);
  const last = text.slice(text.lastIndexOf(' left'));
  assert.match(last, CURSOR_MOVE, 'the line is taken away');
  assert.match(last, /acked/);
});

test('on a terminal there are colours, unless NO_COLOR is set', (t) => {
  if (!requireTool(t, 'script')) return;
  assert.match(onTerminal(['inspect', REAL_RECORDING]), COLOR);
  assert.doesNotMatch(onTerminal(['inspect', REAL_RECORDING], { NO_COLOR: '1' }), COLOR);
});
