import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const SECOND_BLOCK = 529_216;

/** A copy of the recording, changed. */
function damaged(path: string, damage: (bytes: Buffer) => Buffer | void): Buffer {
  const bytes = readFileSync(REAL_RECORDING);
  const result = damage(bytes) ?? bytes;
  writeFileSync(path, result);
  return result;
}

function isClean(path: string): boolean {
  return sockflow(['inspect', '--verify', path]).status === 0;
}

test('a damaged recording becomes a complete one beside it; what is lost is named and marked, with exit code 3', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'day.sfrec');
  const before = damaged(path, (bytes) => void (bytes[700_000]! ^= 1));
  const run = sockflow(['repair', path]);
  assert.equal(run.status, 3);
  assert.match(run.stderr, /kept 2,014 events and 0 markers in 1 block; 915 KiB → 520 KiB\n/);
  assert.match(
    run.stderr,
    /lost {4}block at bytes 529216-934784 .* checksum: 1581 events lost; from 4834\.\d+ s to 4834\.\d+ s since boot\n/,
  );
  assert.match(run.stderr, /day\.repaired\.sfrec: complete; lost: 1,581 events\n$/);
  const repaired = join(dir, 'day.repaired.sfrec');
  assert.ok(isClean(repaired));
  assert.ok(readFileSync(path).equals(before), 'the damaged one is as it was');
  const lines = sockflowOk(['cat', repaired]).stdout.trimEnd().split('\n');
  assert.equal(lines.length, 2015);
  assert.match(lines.at(-1) ?? '', /^-- 1581 events lost within .*: damaged 1581 \(lane 0\) --$/);
});

test('what a killed writer left becomes complete under its own name, and the programs get the numbers', (t) => {
  const dir = useTempDir(t);
  const part = join(dir, 'live.sfrec.part');
  damaged(part, (bytes) => bytes.subarray(0, SECOND_BLOCK));
  const output = join(dir, 'live.sfrec');
  const { stdout } = sockflowOk(['repair', part, output, '--json']);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.eventsLost, report.isLowerBound], [0, false]);
  assert.deepEqual([report.parts[0].eventsKept, report.parts[0].wasUnfinished], [2014, true]);
  assert.ok(isClean(output));
  assert.deepEqual(readdirSync(dir).toSorted(), ['live.sfrec', 'live.sfrec.part']);
});

test('after the repair of an unfinished one its .part may go; zeros at the start are no text to convert', (t) => {
  const cwd = useTempDir(t);
  damaged(join(cwd, 'live.sfrec.part'), (bytes) => bytes.subarray(0, SECOND_BLOCK));
  const { stderr } = sockflowOk(['repair', 'live.sfrec.part', 'live.sfrec'], { cwd });
  assert.match(stderr, /next {2}rm live\.sfrec\.part: /);
  damaged(join(cwd, 'zeros.sfrec'), (bytes) => void bytes.fill(0, 0, 64));
  assertRefused(sockflow(['repair', 'zeros.sfrec'], { cwd }), {
    status: 3,
    code: 'ERR_SOCKFLOW_NOT_A_RECORDING',
    place: /zeros\.sfrec/,
    remedy: /zeros.*restore it from a copy/,
  });
});

test('a lost index costs nothing: the recording is what it was, byte for byte', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'cut.sfrec');
  damaged(path, (bytes) => bytes.subarray(0, -100));
  const output = join(dir, 'again.sfrec');
  const { stderr } = sockflowOk(['repair', path, output]);
  assert.match(stderr, /mended .*index/);
  assert.match(stderr, /lost: 0 events\n$/);
  assert.ok(readFileSync(output).equals(readFileSync(REAL_RECORDING)));
});

test('a recording that is whole is left alone', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'whole.sfrec');
  copyFileSync(REAL_RECORDING, path);
  const { stderr } = sockflowOk(['repair', path]);
  assert.match(stderr, /whole: nothing to repair, nothing was written\n$/);
  assert.deepEqual(readdirSync(dir), ['whole.sfrec']);
});

test('nothing is written over, and what has nothing to give is refused', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'cut.sfrec');
  damaged(path, (bytes) => bytes.subarray(0, SECOND_BLOCK));
  for (const output of [path, REAL_RECORDING]) {
    assertRefused(sockflow(['repair', path, output]), {
      status: 2,
      code: 'ERR_SOCKFLOW_RECORDING_TARGET',
      place: /\.sfrec/,
      remedy: /another name/,
    });
  }
  damaged(path, (bytes) => bytes.subarray(0, 1000));
  assertRefused(sockflow(['repair', path]), {
    status: 3,
    code: 'ERR_SOCKFLOW_RECORDING_DAMAGED',
    place: /cut\.sfrec/,
    remedy: /\S/,
  });
  assert.ok(!existsSync(join(dir, 'cut.repaired.sfrec')));
});
