import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { BLOCK, FrameType, PREAMBLE } from '../format/layout.ts';
import { takePart } from '../memory-file.test.support.ts';
import { ORIGIN_A, ORIGIN_B, randomSlots } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import {
  add,
  assembled,
  recordingOf,
  takenApart,
  typeOf,
} from '../verify/frames-of.test.support.ts';
import { verifyRecording } from '../verify/verify-recording.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import type { RepairReport } from './repair-options.ts';
import { repairedName, repairRecording } from './repair-recording.ts';

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const text of all) if (text === some[at]) at++;
  return at === some.length;
}

function isMarker(slot: string): boolean {
  const hex = slot.slice(slot.lastIndexOf(':') + 1);
  return hex.startsWith('04', 16) || hex.startsWith('05', 16);
}

/** Repairs, and holds what came of it against what a reader gets of the damaged file. */
function repaired(path: string, bytes: Uint8Array): RepairReport {
  const output = join(path, '..', 'repaired.sfrec');
  rmSync(output, { force: true });
  writeFileSync(path, bytes);
  const report = repairRecording(path, output, { isSynced: false });
  assert.ok(Buffer.from(bytes).equals(readFileSync(path)), 'the damaged one stays as it was');
  if (report.output === undefined) return report;
  const verified = verifyRecording(output);
  assert.deepEqual(verified.findings, []);
  assert.ok(verified.parts.every(({ isClosed }) => isClosed));
  const before = takePart(bytes, path.endsWith('.part'));
  const after = takePart(readFileSync(output));
  const [part] = report.parts;
  const added = part?.markersAdded ?? 0;
  assert.ok(isSubsequence(before.slots, after.slots), 'every slot of every whole block');
  assert.equal(after.slots.length, before.slots.length + added, 'and loss markers');
  assert.equal(before.slots.filter((slot) => !isMarker(slot)).length, part?.eventsKept);
  assert.equal(after.part.recordingId, before.part.recordingId);
  assert.deepEqual(new Set(after.part.origins.values()), new Set(before.part.origins.values()));
  return report;
}

function lostOf({ parts }: RepairReport): number | undefined {
  let sum = 0;
  for (const { events, isLowerBound } of parts.flatMap(({ losses }) => losses)) {
    if (events === undefined || isLowerBound === true) return undefined;
    sum += events;
  }
  return sum;
}

test('what is damaged at random places is repaired: whole blocks stay, the rest is counted', (t) => {
  const path = join(useTempDir(t), 'in.sfrec');
  fc.assert(
    fc.property(
      fc.constantFrom(1, 4),
      fc.constantFrom('none' as const, 'lz4' as const, 'zstd' as const),
      fc.nat(),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          fc.integer({ min: 1, max: 255 }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      (groups, compression, seed, flips) => {
        rmSync(path, { force: true });
        const bytes = recordingOf(path, groups, seed, 12, compression);
        const { slots } = takePart(bytes);
        const events = slots.filter((slot) => !isMarker(slot)).length;
        for (const [place, flip] of flips) bytes[Math.floor(place * bytes.length)]! ^= flip;
        let report: RepairReport;
        try {
          report = repaired(path, bytes);
        } catch (error) {
          // So damaged that no reader gives anything of it.
          assert.ok(isSockflowError(error), String(error));
          return;
        }
        if (report.output === undefined) return;
        const lost = lostOf(report);
        if (lost !== undefined) assert.equal(lost + report.parts[0]!.eventsKept, events);
      },
    ),
    { numRuns: 150 },
  );
});

test('a file cut anywhere behind its header is repaired, whatever it is called', (t) => {
  const dir = useTempDir(t);
  const bytes = recordingOf(join(dir, 'whole.sfrec'), 1, 1, 2);
  const headerBytes = bytes.readUInt32LE(PREAMBLE.headerBytesOffset);
  for (const name of ['cut.sfrec', 'cut.sfrec.part']) {
    for (let cut = headerBytes; cut < bytes.length; cut += name === 'cut.sfrec' ? 7 : 29) {
      const report = repaired(join(dir, name), bytes.subarray(0, cut));
      assert.notEqual(report.output, undefined, `${name}, cut at ${cut}`);
      assert.equal(report.parts[0]?.wasUnfinished, name.endsWith('.part'));
    }
  }
});

test('a block that is lost is told with its events, bytes and time, and marked', (t) => {
  const path = join(useTempDir(t), 'in.sfrec');
  const bytes = recordingOf(path, 1);
  const { blocks } = takePart(bytes).part;
  bytes[blocks.payloadOffset(1) + 99]! ^= 1;
  const { parts } = repaired(path, bytes);
  assert.deepEqual(parts[0]?.losses, [
    {
      kind: 'block',
      path,
      startOffset: blocks.frameOffset(1),
      endOffset: blocks.payloadOffset(1) + blocks.payloadBytes(1),
      events: blocks.events(1),
      startNs: blocks.firstTimeNs(1),
      endNs: blocks.lastTimeNs(1),
    },
  ]);
  assert.deepEqual([parts[0]?.markersAdded, parts[0]?.blocksKept], [1, blocks.count - 1]);
});

test('an index, a header of a block, and statistics that are wrong cost nothing', (t) => {
  const path = join(useTempDir(t), 'in.sfrec');
  const bytes = recordingOf(path, 1);
  const { part } = takePart(bytes);
  const damages: [string, (file: Buffer) => Buffer | void][] = [
    ['no end', (file) => file.subarray(0, file.length - 128)],
    ['index', (file) => void (file[file.length - 200]! ^= 1)],
    ['file header', (file) => void (file[20]! ^= 1)],
    ['block header', (file) => void (file[part.blocks.frameOffset(2) + 300]! ^= 1)],
    [
      'statistics',
      (file) =>
        assembled(takenApart(file), (frame) => {
          if (typeOf(frame) !== FrameType.BLOCK) return;
          add(frame, BLOCK.opCountsOffset, 5);
          frame.header.fill(0, BLOCK.localPortsOffset, BLOCK.remotePortsOffset);
        }),
    ],
  ];
  for (const [what, damage] of damages) {
    const file = Buffer.from(bytes);
    const report = repaired(path, damage(file) ?? file);
    assert.deepEqual(lostOf(report), 0, what);
    assert.equal(report.parts[0]?.markersAdded, 0, what);
    const after = readFileSync(report.output ?? '');
    assert.deepEqual(takePart(after).slots, takePart(bytes).slots, what);
    if (what !== 'file header')
      assert.ok(after.equals(bytes), `${what}: the same bytes as were written`);
  }
});

test('what is whole is not written again, and nothing is written over', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'in.sfrec');
  const bytes = recordingOf(path, 4);
  const output = join(dir, 'out.sfrec');
  assert.equal(repairRecording(path, output).output, undefined);
  assert.ok(!existsSync(output));
  writeFileSync(path, bytes.subarray(0, -64));
  writeFileSync(output, 'precious');
  assert.throws(
    () => repairRecording(path, output),
    (error) =>
      isSockflowError(error) &&
      error.code === 'ERR_SOCKFLOW_RECORDING_TARGET' &&
      error.remedy !== undefined,
  );
  assert.equal(readFileSync(output, 'utf8'), 'precious');
});

test('an unfinished part is repaired into its own name, and stays beside it', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.sfrec');
  const bytes = recordingOf(path, 1);
  const { slots } = takePart(bytes);
  const end = openRecording(path).parts[0]!.blocks;
  renameSync(path, `${path}.part`);
  const last = end.count - 1;
  writeFileSync(
    `${path}.part`,
    bytes.subarray(0, end.payloadOffset(last) + end.payloadBytes(last)),
  );
  const report = repairRecording(`${path}.part`, path);
  assert.deepEqual([report.parts[0]?.losses, report.parts[0]?.wasUnfinished], [[], true]);
  assert.deepEqual(takePart(readFileSync(path)).slots, slots);
  assert.ok(existsSync(`${path}.part`));
});

/** Two lanes' parts, closed or not. */
function twoLanes(path: string, isComplete: boolean): void {
  prepareRecording(path, { lanes: 2, recordingId: '0123456789abcdef0123456789abcdef' });
  for (const lane of [0, 1]) {
    const writer = RecordingWriter.create(path, { lane, lanes: 2 });
    const slots = randomSlots({ count: 20, seed: lane });
    writer.appendSlots(slots.memory, 0, slots.endWord, lane === 0 ? ORIGIN_A : ORIGIN_B);
    writer.close({ isComplete });
  }
}

test('parts of several lanes become parts of one recording, fewer where one is missing', (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'two.sfrec');
  twoLanes(path, false);
  const whole = repairRecording(path, join(dir, 'whole.sfrec'));
  assert.deepEqual(
    whole.parts.map(({ output }) => output),
    [0, 1].map((lane) => join(dir, `whole.${lane}.sfrec`)),
  );
  assert.equal(openRecording(join(dir, 'whole.sfrec')).events, 40);
  assert.equal(verifyRecording(join(dir, 'whole.sfrec')).findingCount, 0);
  rmSync(`${join(dir, 'two.0.sfrec')}.part`);
  const fewer = repairRecording(path, join(dir, 'fewer.sfrec'));
  assert.deepEqual(fewer.missingParts, [join(dir, 'two.0.sfrec')]);
  assert.equal(openRecording(join(dir, 'fewer.sfrec')).events, 20);
  assert.equal(verifyRecording(join(dir, 'fewer.sfrec')).findingCount, 0);
  const alone = repairRecording(`${join(dir, 'two.1.sfrec')}.part`, join(dir, 'alone.sfrec'));
  assert.equal(alone.parts[0]?.output, join(dir, 'alone.sfrec'));
  assert.deepEqual(
    openRecording(join(dir, 'alone.sfrec')).parts.map(({ part, parts }) => [part, parts]),
    [[1, 2]],
  );
});

test('a name is made of the old one', () => {
  assert.deepEqual(
    ['a.sfrec', 'b/a.sfrec.part', 'a', 'a.0.sfrec.part'].map((name) => repairedName(name)),
    ['a.repaired.sfrec', 'b/a.repaired.sfrec', 'a.repaired.sfrec', 'a.0.repaired.sfrec'],
  );
});
