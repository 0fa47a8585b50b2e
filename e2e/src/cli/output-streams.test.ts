import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import {
  REAL_CONTEXT,
  REAL_RECORDING,
  SOCKFLOW,
  sockflowOk,
  startSockflow,
  userEnv,
} from './sockflow-command.ts';

/** What starts an escape sequence: colours, cursor movements. */
const ESCAPE = '\u001b';

test('with --json, stdout is one JSON document and nothing else', (t) => {
  const dir = useTempDir(t);
  const recording = join(dir, 'real.sfrec');
  const cases = [
    ['convert', '--from', 'context-json', REAL_CONTEXT, recording, '--json'],
    ['convert', REAL_RECORDING, join(dir, 'out.ndjson'), '--json'],
    ['inspect', REAL_RECORDING, '--json'],
    ['replay', REAL_RECORDING, '--op', 'RTT_CB', '--json'],
    ['replay', REAL_RECORDING, '--sink', `file:${join(dir, 'x.ndjson')}`, '--lanes', '2', '--json'],
    ['explain', REAL_RECORDING, '--op', 'RTT_CB', '--json'],
    ['gen', join(dir, 'made.sfrec'), '--connections', '20', '--json'],
  ];
  for (const args of cases) {
    const { stdout } = sockflowOk(args);
    assert.equal(typeof JSON.parse(stdout), 'object', args.join(' '));
  }
});

test('a summary for programs has the ledger, and its numbers agree', () => {
  const { stdout } = sockflowOk([
    'replay',
    REAL_RECORDING,
    '--op',
    'RTT_CB',
    '--lanes',
    '2',
    '--json',
  ]);
  const { ledger, outcome } = JSON.parse(stdout);
  assert.equal(outcome, 'completed');
  const { recorded, read, skipped, bad, outputs } = ledger.total;
  assert.equal(recorded, 3595);
  assert.equal(recorded, read + skipped + bad);
  assert.equal(outputs[0].in, outputs[0].filtered + outputs[0].out);
});

test('nothing is coloured and no progress is shown where there is no terminal', () => {
  for (const args of [
    ['--help'],
    ['inspect', REAL_RECORDING],
    ['replay', REAL_RECORDING, '--op', 'RTO_CB'],
    ['replay', 'none.sfrec'],
  ]) {
    const run = spawnSync(process.execPath, [SOCKFLOW, ...args], {
      env: userEnv(),
      encoding: 'utf8',
    });
    assert.equal((run.stdout + run.stderr).includes(ESCAPE), false, args.join(' '));
  }
});

test('NO_COLOR wins over FORCE_COLOR', () => {
  const forced = sockflowOk(['inspect', REAL_RECORDING], { env: { FORCE_COLOR: '1' } });
  assert.ok(forced.stdout.includes(ESCAPE));
  const refused = sockflowOk(['inspect', REAL_RECORDING], {
    env: { FORCE_COLOR: '1', NO_COLOR: '1' },
  });
  assert.equal(refused.stdout.includes(ESCAPE), false);
});

test('a reader that goes away ends the command quietly', async () => {
  for (const args of [
    ['convert', '--to', 'context-json', REAL_RECORDING, '-'],
    ['replay', REAL_RECORDING],
  ]) {
    const child = startSockflow(args);
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    const [status] = await once(child, 'exit');
    assert.equal(status, 0, `${args.join(' ')}\n${stderr}`);
    assert.doesNotMatch(stderr, /error|EPIPE/);
  }
});
