import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import {
  assertRefused,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
  startSockflow,
} from './sockflow-command.ts';

const EVENTS = 3595;

interface Summary {
  readonly outcome: string;
  readonly durationMs: number;
  readonly ledger: { readonly total: { readonly read: number } };
  readonly pace?: { readonly speed: number; readonly behindMs: number };
}

test('--speed gives every event, and takes no less time than the events did', () => {
  for (const lanes of ['1', '2']) {
    const args = ['replay', REAL_RECORDING, '--speed', '20', '--lanes', lanes, '--json'];
    const { outcome, durationMs, ledger, pace } = JSON.parse(sockflowOk(args).stdout) as Summary;
    assert.deepEqual([outcome, ledger.total.read, pace?.speed], ['completed', EVENTS, 20]);
    // 10.86 s of events.
    assert.ok(durationMs >= 10_860 / 20, `${durationMs}`);
    assert.ok((pace?.behindMs ?? -1) >= 0);
  }
});

test('--speed max keeps no pace', () => {
  const args = ['replay', REAL_RECORDING, '--speed', 'max', '--json'];
  assert.equal((JSON.parse(sockflowOk(args).stdout) as Summary).pace, undefined);
});

test('--duration ends a replay in the middle of a gap', () => {
  const args = ['replay', REAL_RECORDING, '--speed', '0.0001', '--duration', '1s'];
  const { stderr } = sockflowOk(args);
  assert.match(stderr, /stopped after \d+ events?/);
  assert.match(stderr, /^ {2}at 0\.0001x, behind by /m);
});

test('Ctrl-C ends a replay in the middle of a gap', async (t) => {
  const args = [
    'replay',
    REAL_RECORDING,
    '--speed',
    '0.0001',
    '--sink',
    'console:?encoding=ndjson',
  ];
  const child = startSockflow(args);
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child.stdout!, 'data');
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 130, stderr);
  assert.match(stderr, /stopped after \d+ events?/);
});

test('--from starts the pace where it says', () => {
  // All of it takes 18 minutes at this speed.
  const args = ['replay', REAL_RECORDING, '--speed', '0.01', '--from', '10.8599s', '--json'];
  const { ledger } = JSON.parse(sockflowOk(args).stdout) as Summary;
  assert.ok(ledger.total.read > 0);
});

test('what is no speed is refused', () => {
  for (const speed of ['0', '-1', 'fast', '1e9', '2000000']) {
    assertRefused(sockflow(['replay', REAL_RECORDING, '--speed', speed]), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place: /--speed/,
      remedy: /Give --speed a factor/,
    });
  }
});
