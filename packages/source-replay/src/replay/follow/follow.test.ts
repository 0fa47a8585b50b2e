import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  rmdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  laneOf,
  type LaneSource,
  type OpenSource,
  SOURCE_END,
  SOURCE_IDLE,
  walkSlots,
} from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import type { SourceError } from '../../errors.ts';
import {
  ORIGIN_A,
  type RandomSlots,
  randomFrom,
  randomSlots,
  slotHex,
  slotTexts,
} from '../../random-slots.test.support.ts';
import { prepareRecording } from '../../writer/prepare-recording.ts';
import { RecordingWriter } from '../../writer/recording-writer.ts';
import { replay } from '../replay.ts';

/** Reads that find nothing until it is taken that there is nothing. */
const LOOKS = 12;

class Follower {
  readonly taken: string[][] = [];
  readonly ended: boolean[] = [];
  readonly counts = { recorded: 0, bad: 0 };
  readonly #opened: OpenSource;
  readonly #ends: LaneSource[] = [];

  private constructor(opened: OpenSource) {
    this.#opened = opened;
  }

  static async open(path: string, lanes = 1): Promise<Follower> {
    const source = replay(path, { follow: true });
    assert.equal(source.isLive, true);
    const opened = await source.open({ lanes, plans: [] });
    assert.equal(opened.totalBytes, undefined);
    const follower = new Follower(opened);
    for (let lane = 0; lane < lanes; lane++) {
      const laneData = structuredClone(opened.laneData(lane));
      const counters = {
        add: (name: string, amount: number): void => {
          if (name === 'recorded' || name === 'bad') follower.counts[name] += amount;
        },
      };
      follower.#ends.push(await source.openLane({ lane, lanes, laneData, plans: [], counters }));
      follower.taken.push([]);
      follower.ended.push(false);
    }
    return follower;
  }

  /** Reads what there is, each lane until it finds nothing for a while or the end. */
  async drain(): Promise<void> {
    for (const [lane, end] of this.#ends.entries()) {
      for (let looks = 0; looks < LOOKS && this.ended[lane] !== true;) {
        const span = end.next();
        if (span === SOURCE_END) this.ended[lane] = true;
        else if (span === SOURCE_IDLE) {
          looks++;
          await end.wait(20);
        } else {
          looks = 0;
          walkSlots(span, (word) => {
            const key = span.memory.u32[word + 11] ?? 0;
            if (span.mayHoldOtherLanes && laneOf(key, this.#ends.length) !== lane) return;
            this.taken[lane]?.push(slotHex(span.memory, word));
          });
        }
      }
    }
  }

  async close(): Promise<unknown> {
    for (const end of this.#ends) await end.close();
    return this.#opened.close().then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}

function append(writer: RecordingWriter, slots: RandomSlots): void {
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
}

function slotsOf(seed: number, count = 300): RandomSlots {
  return randomSlots({ count, seed, connections: 60, startUs: 1000 + seed * 10_000 });
}

/** A recording's bytes from its beginning. */
function headerOf(dir: string): Buffer {
  const path = join(dir, 'header.sfrec');
  RecordingWriter.create(path).close();
  return readFileSync(path);
}

test('each block comes once, in every lane, until the recording is complete', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  const all = [0, 1, 2].map((seed) => slotsOf(seed));
  append(writer, all[0]!);
  writer.flush();
  const follower = await Follower.open(path, 2);
  await follower.drain();
  assert.equal(follower.taken.flat().length, 300);
  append(writer, all[1]!);
  await follower.drain();
  assert.equal(follower.taken.flat().length, 300, 'nothing that is not written');
  writer.flush();
  await follower.drain();
  assert.equal(follower.taken.flat().length, 600);
  append(writer, all[2]!);
  assert.deepEqual(follower.ended, [false, false]);
  // From here on it has its final name.
  writer.close();
  await follower.drain();
  assert.deepEqual(follower.ended, [true, true]);
  assert.ok(follower.taken.every(({ length }) => length > 0));
  assert.deepEqual(follower.taken.flat().toSorted(), all.flatMap(slotTexts).toSorted());
  assert.deepEqual(follower.counts, { recorded: 900, bad: 0 });
  assert.equal(await follower.close(), undefined);
});

test('what is written in pieces of any length comes whole, and once', async (t) => {
  const dir = useTempDir(t);
  const whole = join(dir, 'whole.sfrec');
  const slots = slotsOf(4, 700);
  const writer = RecordingWriter.create(whole, { blockBytes: 64 << 10 });
  append(writer, slots);
  writer.close();
  const bytes = readFileSync(whole);
  const path = join(dir, 'grows.sfrec');
  const random = randomFrom(8);
  writeFileSync(`${path}.part`, bytes.subarray(0, 70));
  const follower = await Follower.open(path);
  for (let at = 70; at < bytes.length;) {
    const end = at + 1 + random(random(3) === 0 ? 200 : 40_000);
    appendFileSync(`${path}.part`, bytes.subarray(at, end));
    at = end;
    await follower.drain();
  }
  assert.deepEqual(follower.ended, [true]);
  assert.deepEqual(follower.taken[0], slotTexts(slots));
  assert.equal(await follower.close(), undefined);
});

test('parts of several lanes are followed together, and end when all are complete', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  prepareRecording(path, { lanes: 2 });
  const writers = [0, 1].map((lane) => RecordingWriter.create(path, { lane, lanes: 2 }));
  for (const writer of writers) writer.flush();
  const follower = await Follower.open(path);
  append(writers[0]!, slotsOf(1));
  writers[0]!.close();
  append(writers[1]!, slotsOf(2));
  writers[1]!.flush();
  await follower.drain();
  assert.deepEqual([follower.taken[0]?.length, follower.ended], [600, [false]]);
  writers[1]!.close();
  await follower.drain();
  assert.deepEqual(follower.ended, [true]);
  assert.equal(await follower.close(), undefined);
});

test('of a series the next part is followed once it is there, and there is no end', async (t) => {
  const dir = useTempDir(t);
  const follower = await Follower.open(join(dir, 'out.*.sfrec'));
  await follower.drain();
  for (const n of [1, 2, 3]) {
    const writer = RecordingWriter.create(join(dir, `out.00000${n}.sfrec`));
    append(writer, slotsOf(n));
    writer.flush();
    await follower.drain();
    assert.equal(follower.taken[0]?.length, n * 300);
    writer.close();
  }
  RecordingWriter.create(join(dir, 'other.1.sfrec')).close();
  await follower.drain();
  assert.deepEqual(follower.ended, [false]);
  assert.deepEqual(
    follower.taken[0],
    [1, 2, 3].flatMap((n) => slotTexts(slotsOf(n))),
  );
  assert.equal(await follower.close(), undefined);
});

test('of a series a part that is there twice comes once, with a warning that names both', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.000001.sfrec');
  const copy = join(dir, 'out.000001.repaired.sfrec');
  const writer = RecordingWriter.create(path);
  append(writer, slotsOf(1));
  writer.close();
  copyFileSync(path, copy);
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const follower = await Follower.open(join(dir, 'out.*.sfrec'), 2);
  await follower.drain();
  assert.equal(follower.taken.flat().length, 300);
  assert.deepEqual(follower.counts, { recorded: 300, bad: 0 });
  // A later copy is one, too.
  copyFileSync(path, join(dir, 'out.000002.sfrec'));
  await follower.drain();
  assert.equal(follower.taken.flat().length, 300);
  assert.deepEqual(warnings, [
    `'${copy}' and '${path}' are the same part of the same recording: only '${path}' is read`,
    `'${join(dir, 'out.000002.sfrec')}' and '${path}' are the same part of the same recording: only '${path}' is read`,
  ]);
  assert.equal(await follower.close(), undefined);
});

for (const begun of [0, 70]) {
  test(`a file with ${begun} bytes of a file header gives way to the one that a writer makes in its place`, async (t) => {
    const dir = useTempDir(t);
    const path = join(dir, 'out.1.sfrec');
    writeFileSync(`${path}.part`, headerOf(dir).subarray(0, begun));
    const follower = await Follower.open(join(dir, 'out.*.sfrec'));
    await follower.drain();
    // As prepareRecording does with what an earlier writer left. The open descriptor keeps the inode from being used again.
    unlinkSync(`${path}.part`);
    const writer = RecordingWriter.create(path);
    append(writer, slotsOf(1));
    writer.close();
    await follower.drain();
    assert.deepEqual(follower.taken[0], slotTexts(slotsOf(1)));
    assert.equal(await follower.close(), undefined);
  });
}

for (const [what, act] of [
  ['cut short', (path: string) => truncateSync(`${path}.part`, 4096)],
  ['removed', (path: string) => unlinkSync(`${path}.part`)],
  [
    'replaced by a writer that begins anew',
    (path: string) => RecordingWriter.create(path).abandon(),
  ],
] as const) {
  test(`a recording that is ${what} is an error, after every block that was there`, async (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    const writer = RecordingWriter.create(path);
    append(writer, slotsOf(1));
    writer.flush();
    const follower = await Follower.open(path, 2);
    if (what === 'cut short') await follower.drain();
    else append(writer, slotsOf(2));
    writer.flush();
    await follower.drain();
    const given = follower.taken.flat().length;
    act(path);
    await follower.drain();
    assert.deepEqual(follower.ended, [true, true]);
    assert.equal(follower.taken.flat().length, given);
    const error = (await follower.close()) as { code?: string };
    assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_REPLACED');
    writer.abandon();
  });
}

test('a block that does not match its checksum leaves a loss marker, and is told at the end', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  append(writer, slotsOf(1));
  writer.flush();
  append(writer, slotsOf(2));
  writer.close();
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(Buffer.from(slotTexts(slotsOf(1))[5]!, 'hex')) + 50]! ^= 1;
  writeFileSync(path, bytes);
  const follower = await Follower.open(path, 2);
  await follower.drain();
  assert.deepEqual(follower.ended, [true, true]);
  const markers = follower.taken.flat().filter((text) => text.slice(16, 18) === '04');
  assert.deepEqual([follower.taken.flat().length, markers.length], [301, 1]);
  assert.deepEqual(follower.counts, { recorded: 600, bad: 300 });
  const error = (await follower.close()) as { code?: string };
  assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_DAMAGED');
});

test('a series in a folder that is not there is refused before lanes start; one that goes, tells it', async (t) => {
  const dir = join(useTempDir(t), 'goes');
  await assert.rejects(Follower.open(join(dir, 'out.*.sfrec')), (error: SourceError) => {
    assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_READ');
    assert.match(error.message, /goes' cannot be read: ENOENT/);
    assert.match(error.remedy ?? '', /folder/);
    return true;
  });
  mkdirSync(dir);
  const follower = await Follower.open(join(dir, 'out.*.sfrec'));
  rmdirSync(dir);
  await follower.drain();
  assert.deepEqual(follower.ended, [true]);
  const error = (await follower.close()) as { code?: string };
  assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_READ');
});

test('a folder in the place of a part is told as such', async (t) => {
  const dir = useTempDir(t);
  mkdirSync(join(dir, 'out.1.sfrec'));
  const follower = await Follower.open(join(dir, 'out.*.sfrec'));
  await follower.drain();
  const error = (await follower.close()) as SourceError;
  assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_READ');
  assert.match(error.message, /EISDIR/);
});

test('a pace, or several recordings, cannot be followed', () => {
  const code = 'ERR_SOCKFLOW_INVALID_OPTION';
  assert.throws(() => replay('a.sfrec', { follow: true, speed: 1 }), { code });
  assert.throws(() => replay(['a.sfrec', 'b.sfrec'], { follow: true }), { code });
  assert.throws(() => replay(['a.sfrec', '-']), { code });
});
