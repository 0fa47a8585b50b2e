import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { SlotMemory } from '@sockflow/core';
import { checkSink } from '@sockflow/core/conformance';
import { fromReplay, openRecording } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';
import { of } from 'rxjs';

import { batchOf } from '../batch-of.test.support.ts';
import type { StreamEncoding } from '../encodings/encoding.ts';
import { memory } from '../memory/memory.ts';
import { writeTo } from '../write-to.ts';
import type { FileOptions } from './file-settings.ts';
import { file } from './file.ts';

const ONE_LANE = { lane: 0, lanes: 1 };
const MEMORY = SlotMemory.allocate(256);
MEMORY.u32[0] = 248;
MEMORY.u32[2] = 1;

function eventsBatch(events: number): ReturnType<typeof batchOf> {
  return batchOf(
    MEMORY,
    Array.from({ length: events }, () => 0),
  );
}

/** A file an event writes its number in, between a first and a last line. */
const NUMBERED: StreamEncoding = {
  form: 'stream',
  name: 'numbered',
  accepts: 'both',
  extensions: ['.txt'],
  mediaType: 'text/plain',
  createEncoder: () => {
    const line = (
      text: string,
      out: Parameters<ReturnType<StreamEncoding['createEncoder']>['encodeBatch']>[1],
      count: 0 | 1,
    ): void => {
      out.reserve(text.length);
      Buffer.from(text).copy(out.bytes, out.position);
      out.position += text.length;
      out.endItem(count);
    };
    return {
      begin: (out) => line('first\n', out, 0),
      encodeBatch: () => {},
      encodeValue: (value, out) => line(`${String(value)}\n`, out, 1),
      end: (out) => line('last\n', out, 0),
    };
  },
};

function partsIn(dir: string): string[] {
  return readdirSync(dir)
    .toSorted()
    .map((name) => join(dir, name));
}

/** Parts that have their final names. */
function endedIn(dir: string): number {
  return readdirSync(dir).filter((name) => !name.endsWith('.part')).length;
}

/** However slow the machine: a test has a limit of its own. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

test('a part has at most the bytes it may have, begins and ends as its encoding wants it, and no event is missing or twice', async (t) => {
  const dir = useTempDir(t);
  const rotateBytes = 1000;
  const sink = file(join(dir, 'out.txt'), { encoding: NUMBERED, rotateBytes });
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  for (let value = 0; value < 20_000; value++) await writer.write(value);
  const report = await writer.close();
  assert.equal(writer.acknowledged, 20_000);
  const parts = partsIn(dir);
  let next = 0;
  for (const path of parts) {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.deepEqual([lines[0], lines.at(-1)], ['first', 'last']);
    for (const line of lines.slice(1, -1)) assert.equal(Number(line), next++);
    // What ends a part comes on top.
    assert.ok(statSync(path).size <= rotateBytes + 'last\n'.length, path);
  }
  assert.equal(next, 20_000);
  assert.ok(parts.length > 105 && parts.length < 120, `${parts.length} parts`);
  assert.equal(report.location, join(dir, 'out.*.txt'));
  assert.equal(
    report.bytesWritten,
    parts.reduce((sum, path) => sum + statSync(path).size, 0),
  );
});

test('an event that is longer than a part may be has one of its own', async (t) => {
  const dir = useTempDir(t);
  const writer = await file(join(dir, 'out.ndjson'), { rotateBytes: 10 }).open(ONE_LANE);
  for (const text of ['1', '2', 'x'.repeat(50), '3']) await writer.write(text);
  await writer.close();
  const contents = partsIn(dir).map((path) => readFileSync(path, 'utf8'));
  assert.deepEqual(contents, ['"1"\n"2"\n', `"${'x'.repeat(50)}"\n`, '"3"\n']);
});

test('a part ends in its time though nothing more comes, and without events there is no next one', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec']) {
    const dir = useTempDir(t);
    const writer = await file(join(dir, name), { rotateAfterMs: 50, flushAfterMs: 10 }).open(
      ONE_LANE,
    );
    await writer.write(eventsBatch(3));
    await until(() => endedIn(dir) === 1);
    // Longer than a part may last: were there a next one, it would be there, and end.
    await sleep(150);
    assert.equal(readdirSync(dir).length, 1);
    await writer.write(eventsBatch(2));
    await until(() => endedIn(dir) === 2);
    assert.equal(readdirSync(dir).length, 2);
    await writer.close();
    assert.equal(readdirSync(dir).length, 2, 'no empty part');
    assert.equal(writer.acknowledged, 5);
  }
});

test('a part that is written is NAME.part; where the run fails the last stays so, the others are complete', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec']) {
    const dir = useTempDir(t);
    const writer = await file(join(dir, name), { rotateBytes: 30_000, flushAfterMs: 0 }).open(
      ONE_LANE,
    );
    for (let batch = 0; batch < 10; batch++) {
      await writer.write(eventsBatch(250));
      const names = readdirSync(dir).filter((found) => found.endsWith('.part'));
      assert.ok(names.length <= 1);
    }
    await writer.flush();
    const before = readdirSync(dir).filter((found) => !found.endsWith('.part'));
    const { location } = await writer.close({ isComplete: false });
    const after = readdirSync(dir).filter((found) => !found.endsWith('.part'));
    assert.ok(before.length > 1);
    assert.deepEqual(after, before);
    assert.equal(writer.acknowledged, 2500);
    if (readdirSync(dir).length > after.length) assert.match(String(location), /\.part$/);
  }
});

test('a series of recordings: each is whole, and together they hold every event in order', async (t) => {
  const dir = useTempDir(t);
  const slots = SlotMemory.allocate(256 * 1000);
  const words: number[] = [];
  for (let slot = 0; slot < 1000; slot++) {
    slots.u32[slot * 64] = 248;
    slots.u32[slot * 64 + 2] = 1;
    slots.u32[slot * 64 + 4] = slot;
    words.push(slot * 64);
  }
  const sink = file(join(dir, 'out.sfrec'), { rotateBytes: 300_000 });
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  for (let batch = 0; batch < 20; batch++) await writer.write(batchOf(slots, words));
  const { bytesWritten } = await writer.close();
  const parts = partsIn(dir);
  assert.ok(parts.length > 5, `${parts.length} parts`);
  let events = 0;
  for (const path of parts) {
    const recording = openRecording(path);
    assert.deepEqual([recording.damage, recording.notes], [[], []]);
    events += recording.events;
  }
  assert.equal(events, 20_000);
  assert.equal(
    bytesWritten,
    parts.reduce((sum, path) => sum + statSync(path).size, 0),
  );
  const back = memory();
  await writeTo(fromReplay(parts), back);
  assert.equal(back.events.length, 20_000);
});

test('parts of earlier runs stay, up to what is kept', async (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, 'other.ndjson'), 'mine');
  for (const name of ['out.ndjson', 'out.sfrec']) {
    for (let round = 1; round <= 4; round++) {
      await writeTo(
        of(eventsBatch(100)),
        file(join(dir, name), { rotateBytes: 1e6, keepParts: 3 }),
      );
      const parts = readdirSync(dir).filter((found) => found.endsWith(name.slice(3)));
      assert.equal(parts.length - (name === 'out.ndjson' ? 1 : 0), Math.min(round, 3), name);
    }
  }
  assert.equal(readFileSync(join(dir, 'other.ndjson'), 'utf8'), 'mine');
});

const POLICIES = ['never', 'rotate', 'interval', 'batch'] as const;

/* Each policy as a series, each form of bytes, and files by themselves where conformance.test.ts has none. */
const SERIES = { rotateBytes: 5000, keepParts: 2 } as const;
const CONTRACT_CASES: readonly [name: string, options: FileOptions][] = [
  ['out.ndjson', { fsync: 'batch', ...SERIES }],
  ['out.ndjson', { fsync: 'never', ...SERIES }],
  ['out.sfrec', { fsync: 'interval', ...SERIES }],
  ['out.ndjson.gz', { fsync: 'rotate', ...SERIES }],
  ['out.sfrec', { fsync: 'batch' }],
  ['out.ndjson.gz', { fsync: 'interval' }],
];

for (const [name, options] of CONTRACT_CASES) {
  test(`${name} with ${JSON.stringify(options)} keeps the contract of sinks`, async (t) => {
    assert.deepEqual(await checkSink(file(join(useTempDir(t), name), options)), []);
  });
}

test('whatever the fsync policy, parts end where they are full, and all is acknowledged', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec', 'out.ndjson.gz']) {
    for (const fsync of POLICIES) {
      const dir = useTempDir(t);
      // Events that are all the same become little when they are compressed.
      const rotateBytes = name.endsWith('.gz') ? 500 : 50_000;
      const writer = await file(join(dir, name), { fsync, rotateBytes }).open(ONE_LANE);
      for (let batch = 0; batch < 20; batch++) {
        await writer.write(eventsBatch(500));
        await writer.flush();
      }
      await writer.close();
      const names = readdirSync(dir);
      assert.ok(names.length >= 8, `${name} ${fsync}: ${names.length} parts`);
      assert.ok(names.every((found) => !found.endsWith('.part')));
      assert.equal(writer.acknowledged, 10_000);
    }
  }
});

test('acknowledged counts at once what the system took, or only what is on the disk, as the policy says', async (t) => {
  const acknowledged = async (name: string, options: FileOptions): Promise<number[]> => {
    const writer = await file(join(useTempDir(t), name), options).open(ONE_LANE);
    const counts: number[] = [];
    const written = writer.write(eventsBatch(2500));
    counts.push(writer.acknowledged);
    await written;
    counts.push(writer.acknowledged);
    await writer.flush();
    counts.push(writer.acknowledged);
    await writer.close();
    return counts;
  };
  for (const name of ['out.ndjson', 'out.sfrec']) {
    for (const fsync of ['never', 'rotate'] as const) {
      const [first = 0, second = 0, third] = await acknowledged(name, { fsync });
      assert.ok(first > 1000 && first < 2500, `${name}: ${first} in full chunks or blocks`);
      assert.equal(second, first);
      assert.equal(third, 2500);
    }
    assert.deepEqual(await acknowledged(name, { fsync: 'interval' }), [0, 0, 2500], name);
    assert.deepEqual(await acknowledged(name, { fsync: 'batch' }), [0, 2500, 2500], name);
  }
});

test('what is given under interval is on the disk after a while without a flush', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec', 'out.ndjson.gz']) {
    const options = { fsync: 'interval', flushAfterMs: 20 } as const;
    const writer = await file(join(useTempDir(t), name), options).open(ONE_LANE);
    await writer.write(eventsBatch(5));
    await until(() => writer.acknowledged === 5);
    await writer.close();
  }
});

test('a folder that is removed under an output is told, by the next flush or by the close', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec', 'out.ndjson.gz']) {
    for (const fsync of POLICIES) {
      const dir = useTempDir(t);
      const writer = await file(join(dir, name), { fsync, rotateBytes: 1e6 }).open(ONE_LANE);
      await writer.write(eventsBatch(5));
      await writer.flush();
      assert.equal(writer.acknowledged, 5);
      rmSync(dir, { recursive: true });
      const error = { code: 'ERR_SOCKFLOW_SINK_WRITE', message: /removed while it was written/ };
      await assert.rejects(async () => {
        await writer.write(eventsBatch(5));
        await writer.flush();
      }, error);
      await writer.close();
      assert.equal(writer.acknowledged + writer.failed, 10);
      const again = await file(join(useTempDir(t), name), { fsync }).open(ONE_LANE);
      await again.close();
    }
  }
});
