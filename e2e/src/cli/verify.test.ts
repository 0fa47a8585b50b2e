import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import {
  assertRefused,
  LIVE_RECORDING,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
} from './sockflow-command.ts';

test('a recording that is as it was written is said to be, its events too', () => {
  const { stdout } = sockflowOk(['inspect', '--verify', '--events', REAL_RECORDING]);
  assert.match(stdout, /^ok {2}.*real\.sfrec .* 2 blocks · 3,595 events · 0 markers\n/);
  assert.match(stdout, /\nok {2}3,595 events of 103 sockets .* 0 violations\n$/);
  const report = JSON.parse(sockflowOk(['inspect', '--verify', '--json', LIVE_RECORDING]).stdout);
  assert.deepEqual([report.findingCount, report.parts[0].events], [0, 965]);
  assert.equal(report.events, undefined);
});

test('what is changed or cut is named by invariant, frame and byte, with exit code 3', (t) => {
  const path = join(useTempDir(t), 'spoilt.sfrec');
  const bytes = readFileSync(REAL_RECORDING);
  bytes[700_000]! ^= 1;
  writeFileSync(path, bytes);
  const run = sockflow(['inspect', '--verify', path]);
  assert.equal(run.status, 3);
  assert.match(run.stdout, /^damaged {2}.*spoilt\.sfrec/);
  assert.match(run.stdout, /\nF2 {2}every checksum .*: broken 1 time\n/);
  assert.match(
    run.stdout,
    /, byte 529216 \(BLOCK, frame 2\): expected body CRC 0x\w+, found 0x\w+\n/,
  );
  writeFileSync(path, bytes.subarray(0, 600_000));
  const cut = sockflow(['inspect', '--verify', '--json', path]);
  assert.equal(cut.status, 3);
  const { findings } = JSON.parse(cut.stdout);
  assert.deepEqual(
    findings.map(({ invariant, offset }: { invariant: string; offset: number }) => [
      invariant,
      offset,
    ]),
    [['F4', 529_216]],
  );
});

test('events that the kernel cannot have given are named by rule', (t) => {
  const path = join(useTempDir(t), 'slice.sfrec');
  sockflowOk(['slice', REAL_RECORDING, path, '--op', 'RTT_CB']);
  assert.equal(sockflow(['inspect', '--verify', path]).status, 0, 'the format is right');
  const run = sockflow(['inspect', '--verify', '--events', path]);
  assert.equal(run.status, 3);
  assert.match(
    run.stdout,
    /\nwrong .*violations\nV13 {2}a connection begins with .*: broken \d+ times\n {4}event 0 \(RTT_CB, connection \d+:\d+\): expected the beginning/,
  );
});

test('--events without --verify, and what is no recording, are refused', () => {
  assertRefused(sockflow(['inspect', '--events', REAL_RECORDING]), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--events/,
    remedy: /--verify/,
  });
  assertRefused(sockflow(['inspect', '--verify', 'package.json']), {
    status: 3,
    code: 'ERR_SOCKFLOW_NOT_A_RECORDING',
    place: /package\.json/,
    remedy: /\S/,
  });
});
