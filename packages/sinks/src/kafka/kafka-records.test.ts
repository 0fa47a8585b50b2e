import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as zlib from 'node:zlib';

import {
  isBatch,
  Kind,
  lendBatch,
  type Origin,
  SlotMemory,
  SlotView,
  walkSlots,
  writeClockAnchor,
  writeLossMarker,
} from '@sockflow/core';
import { fingerprintText } from '@sockflow/kafka-client';
import { fromReplay, parseOrigin, SCHEMA_FINGERPRINT } from '@sockflow/source-replay';
import { generateRecording } from '@sockflow/source-replay/generate';
import { type KafkaBroker, useTempDir } from '@sockflow/test-support';
import { Unpackr } from 'msgpackr';
import { from } from 'rxjs';

import { memory } from '../memory/memory.ts';
import { writeTo } from '../write-to.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { kafka } from './kafka.ts';
import { partitionOfKey } from './murmur2.ts';
import { type ReadRecord, readTopic } from './read-topic.test.support.ts';
import { sharedBroker } from './shared-broker.test.support.ts';

const PARTITIONS = 3;
const PLAIN = new Unpackr({ useRecords: false });
const FINGERPRINT = fingerprintText(SCHEMA_FINGERPRINT);

/** The slots of a record's value, in memory that they can be read in. */
function slotsOf(value: Buffer): { words: number[]; memory: SlotMemory } {
  const slots = SlotMemory.allocate(value.length);
  slots.u8.set(value);
  const words: number[] = [];
  const { ended } = walkSlots(
    {
      memory: slots,
      startWord: 0,
      endWord: value.length / 4,
      origin: { id: '' },
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
      endTimeUs: 0,
    },
    (word) => words.push(word),
  );
  assert.equal(ended, 'end');
  return { words, memory: slots };
}

describe('records of a topic', () => {
  const useBroker = sharedBroker({ properties: { 'num.partitions': '3' } });

  async function written(
    broker: KafkaBroker,
    topic: string,
    recording: string,
    options: Partial<KafkaOptions> = {},
  ): Promise<ReadRecord[]> {
    const sink = kafka({ brokers: broker.address, topic, autoCreateTopic: true, ...options });
    const { given, acknowledged } = await writeTo(fromReplay(recording), sink);
    assert.equal(acknowledged, given);
    return readTopic(broker.address, topic);
  }

  test('hold each event once as JSON, msgpack or slots, under its key, the connections of a partition the same ones', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const recording = join(useTempDir(t), 'made.sfrec');
    await generateRecording(recording, { connections: 60, seed: 7, origins: 2 });
    const kept = memory();
    await writeTo(fromReplay(recording), kept);
    const events = kept.events.map(asJson);

    const json = await written(broker, 'json', recording);
    assertSame(
      json.map(({ value }) => String(value)),
      events,
    );
    const msgpack = await written(broker, 'msgpack', recording, { encoding: 'msgpack' });
    const maps = msgpack.map(({ value }) => briefOf(PLAIN.unpack(value) as BriefFields));
    assertSame(maps, kept.events.map(briefOf));
    const slots = await written(broker, 'slots', recording, { encoding: 'slots' });
    const unpacked = slots.flatMap((record) => eventsOf(record));
    assertSame(
      unpacked.map(({ text }) => text),
      events,
    );

    for (const { key, partition, value, headers } of json) {
      const { originId, netnsCookie = 0, cookie } = JSON.parse(String(value)) as KeyFields;
      assert.equal(key, `${originId}/${netnsCookie}:${cookie}`);
      assert.equal(partition, partitionOfKey(Buffer.from(key), PARTITIONS));
      assert.equal(headers['sockflow-schema'], 'event-json/1');
      assert.equal(headers['sockflow-fingerprint'], FINGERPRINT);
      assert.equal(parseOrigin(headers['sockflow-origin'] ?? '')?.id, originId);
    }
    assert.equal(new Set(json.map(({ partition }) => partition)).size, PARTITIONS);
    assert.deepEqual(placesOf(json), placesOf(msgpack));
    // Within a partition the events of a connection have the same order, packed or not.
    const single = json.map(({ partition, value }) => ({ partition, text: String(value) }));
    assert.ok(isDeepStrictEqual(byConnection(unpacked), byConnection(single)));
    assert.ok(slots.every(({ key }) => key === undefined));
    assert.equal(slots[0]?.headers['sockflow-schema'], 'slots/1');
  });

  test('of slots are no longer than batchBytes, and of one origin each', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const recording = join(useTempDir(t), 'made.sfrec');
    const { events } = await generateRecording(recording, { connections: 60, seed: 8, origins: 2 });
    const batchBytes = 16_384;
    const records = await written(broker, 'bounded', recording, { encoding: 'slots', batchBytes });
    assert.ok(records.length > (events * 256) / batchBytes);
    assert.ok(records.every(({ value }) => value.length > 0 && value.length <= batchBytes));
    assert.equal(sum(records.map(({ value }) => slotsOf(value).words.length)), events);
    const origins = new Set(records.map(({ headers }) => headers['sockflow-origin']));
    assert.equal(origins.size, 2);
  });

  test('tell of losses in one partition and of clocks in each, in their places', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    for (const encoding of ['json', 'slots'] as const) {
      const topic = `markers-${encoding}`;
      const writer = await kafka({
        brokers: broker.address,
        topic,
        encoding,
        autoCreateTopic: true,
      }).open(ONE_LANE);
      const lent = batchWithMarkers();
      await writer.write(lent.batch);
      lent.release();
      await writer.close();
      assert.equal(writer.acknowledged, 0);
      const records = await readTopic(broker.address, topic);
      const kinds = records.flatMap((record) =>
        encoding === 'json' ? [[record.partition, kindOf(record)]] : kindsOf(record),
      );
      const lossPartition = partitionOfKey(Buffer.from(MARKED.id), PARTITIONS);
      const expected = [0, 1, 2].flatMap((partition) => [
        ...(partition === lossPartition ? [[partition, 'LOSS_MARKER']] : []),
        [partition, 'CLOCK_ANCHOR'],
      ]);
      assert.deepEqual(kinds, expected);
      for (const { key, headers } of records) {
        assert.equal(key, encoding === 'json' ? MARKED.id : undefined);
        assert.deepEqual(parseOrigin(headers['sockflow-origin'] ?? ''), MARKED);
        assert.match(headers['sockflow-schema'] ?? '', /^(marker-json|slots)\/1$/);
      }
    }
  });

  test('of derived values have what a function says as key, and no origin; events with other names are such values', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const values = Array.from({ length: 100 }, (_, n) => ({ n, service: `s${n % 7}` }));
    const sink = kafka({
      brokers: broker.address,
      topic: 'values',
      autoCreateTopic: true,
      key: (value) => (value as { service: string }).service,
    });
    await writeTo(from(values), sink);
    const records = await readTopic(broker.address, 'values');
    assert.equal(records.length, 100);
    for (const { key, value, partition, headers } of records) {
      assert.equal(key, (JSON.parse(String(value)) as { service: string }).service);
      assert.equal(partition, partitionOfKey(Buffer.from(key), PARTITIONS));
      assert.deepEqual(headers, { 'sockflow-schema': 'value-json/1' });
    }
    const recording = join(useTempDir(t), 'made.sfrec');
    await generateRecording(recording, { connections: 2, seed: 1 });
    const fields = ['op as operator', 'cookie'] as const;
    const renamed = await written(broker, 'renamed', recording, { fields, key: 'remote-address' });
    assert.equal(renamed[0]?.headers['sockflow-schema'], 'value-json/1');
    assert.deepEqual(Object.keys(JSON.parse(String(renamed[0]?.value)) as object), [
      'operator',
      'cookie',
    ]);
  });

  test('of one host or one address are in one partition, under that key', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const recording = join(useTempDir(t), 'made.sfrec');
    await generateRecording(recording, { connections: 4, seed: 1 });
    for (const key of ['origin', 'local-address'] as const) {
      const records = await written(broker, `by-${key}`, recording, { key });
      for (const record of records) {
        const event = JSON.parse(String(record.value)) as KeyFields & { localAddress: string };
        const expected = key === 'origin' ? event.originId : event.localAddress;
        assert.equal(record.key, expected);
        assert.equal(record.partition, partitionOfKey(Buffer.from(record.key), PARTITIONS));
      }
    }
  });

  test('have the partitions that Kafka’s Java client gives their keys', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const keys = Array.from({ length: 300 }, (_, n) => `${'ä'.repeat(n % 7)}${n * 7919}`);
    const sink = kafka({
      brokers: broker.address,
      topic: 'java',
      autoCreateTopic: true,
      key: (value) => (value as { key: string }).key,
    });
    await writeTo(from(keys.map((key) => ({ key }))), sink);
    const settings = ['parse.key=true', 'key.separator=|'];
    const properties = settings.flatMap((setting) => ['--reader-property', setting]);
    const lines = keys.map((key) => `${key}|by-java\n`).join('');
    broker.tool('ConsoleProducer', ['--topic', 'java', ...properties], lines);
    const records = await readTopic(broker.address, 'java');
    const byJava = records.filter(({ value }) => String(value) === 'by-java');
    const ours = records.filter(({ value }) => String(value) !== 'by-java');
    assert.deepEqual([byJava.length, ours.length], [keys.length, keys.length]);
    assert.deepEqual(sortedPlaces(ours), sortedPlaces(byJava));
  });

  test('are compressed as asked for, and Kafka’s own consumer reads each codec', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const hasZstd = 'zstdCompressSync' in zlib;
    const options = { brokers: broker.address, autoCreateTopic: true };
    if (!hasZstd) {
      assert.throws(() => kafka({ ...options, topic: 'any', compression: 'zstd' }), {
        code: 'ERR_SOCKFLOW_INVALID_OPTION',
        message: /has no zstd/,
      });
    }
    const codecs = CODECS.filter((codec) => codec !== 'zstd' || hasZstd);
    for (const compression of codecs) {
      const sink = kafka({ ...options, topic: `codec-${compression}`, compression, key: 'none' });
      await writeTo(from(Array.from({ length: 50 }, (_, n) => ({ compression, n }))), sink);
      const [partition = -1] = (await readTopic(broker.address, `codec-${compression}`)).map(
        (record) => record.partition,
      );
      const segment = `data/codec-${compression}-${partition}/00000000000000000000.log`;
      const log: Buffer = readFileSync(join(broker.dir, segment));
      assert.equal(log.readInt16BE(ATTRIBUTES_OFFSET) & 7, CODECS.indexOf(compression));
    }
    const total = String(codecs.length * 50);
    const limits = ['--from-beginning', '--max-messages', total, '--timeout-ms', '60000'];
    const read = broker.tool('consumer.ConsoleConsumer', ['--include', 'codec-.*', ...limits]);
    const found = read
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { compression: string }).compression);
    for (const codec of codecs) {
      assert.equal(found.filter((name) => name === codec).length, 50, codec);
    }
  });

  test('without a key go from partition to partition', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const recording = join(useTempDir(t), 'made.sfrec');
    await generateRecording(recording, { connections: 60, seed: 9 });
    const records = await written(broker, 'keyless', recording, { key: 'none', batchBytes: 8192 });
    assert.ok(records.every(({ key }) => key === undefined));
    const counts = [0, 1, 2].map(
      (at) => records.filter(({ partition }) => partition === at).length,
    );
    assert.ok(Math.min(...counts) * 2 > Math.max(...counts), String(counts));
  });
});

/** In the order of their numbers in a batch's attributes. */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Base offset, length, leader epoch, magic, CRC come before. */
const ATTRIBUTES_OFFSET = 21;
const ONE_LANE = { lane: 0, lanes: 1 } as const;
const MARKED: Origin = { id: 'marked', hz: 250, clock: { bootNs: 5n, realtimeNs: 1_700_000_000n } };

interface KeyFields {
  readonly originId: string;
  readonly netnsCookie?: string;
  readonly cookie: string;
}

function batchWithMarkers(): ReturnType<typeof lendBatch> {
  const slots = SlotMemory.allocate(1024);
  writeLossMarker(slots, 0, {
    tsNs: 1n,
    gapStartNs: 0n,
    lostRingFull: 3,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  });
  writeClockAnchor(slots, 64, { tsNs: 2n, realtimeNs: 3n, monotonicNs: 4n, uncertaintyNs: 5n });
  const lent = lendBatch(
    {
      memory: slots,
      words: new Uint32Array(1),
      size: 0,
      markerWords: Uint32Array.of(0, 64),
      markerCount: 2,
    },
    MARKED,
    0,
  );
  assert.ok(isBatch(lent.batch));
  return lent;
}

function kindOf({ value }: ReadRecord): string {
  return (JSON.parse(String(value)) as { kind: string }).kind;
}

function kindsOf({ partition, value }: ReadRecord): [number, string][] {
  const { words, memory: slots } = slotsOf(value);
  return words.map((word) => [
    partition,
    ((slots.u32[word + 2] ?? 0) & 0xff) === Kind.CLOCK_ANCHOR ? 'CLOCK_ANCHOR' : 'LOSS_MARKER',
  ]);
}

/** Not by deepEqual: of so much text it would look for the smallest difference for minutes. */
function assertSame(found: readonly string[], expected: readonly string[]): void {
  assert.equal(found.length, expected.length);
  const [sorted, wanted] = [found.toSorted(), expected.toSorted()];
  const at = sorted.findIndex((text, index) => text !== wanted[index]);
  assert.equal(sorted[at], wanted[at]);
}

interface BriefFields {
  readonly op?: unknown;
  readonly tsNs: unknown;
  readonly cookie: unknown;
  readonly srttUs?: unknown;
  readonly localAddress?: unknown;
}

function briefOf({ op, tsNs, cookie, srttUs, localAddress }: BriefFields): string {
  return [op, tsNs, cookie, srttUs, localAddress].map(String).join(' ');
}

interface UnpackedEvent {
  readonly partition: number;
  readonly text: string;
}

function eventsOf({ partition, value, headers }: ReadRecord): UnpackedEvent[] {
  const origin = parseOrigin(headers['sockflow-origin'] ?? '');
  assert.ok(origin !== undefined);
  const { words, memory: slots } = slotsOf(value);
  return words.map((word) => {
    assert.equal(slots.u32[word + 1], 0);
    const view = new SlotView(slots.u32, slots.big, word, origin);
    return { partition, text: asJson(view.toObject()) };
  });
}

function asJson(event: object): string {
  return JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function byConnection(events: readonly UnpackedEvent[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { partition, text } of events) {
    const { originId, netnsCookie, cookie } = JSON.parse(text) as KeyFields;
    (found[`${partition} ${originId} ${netnsCookie} ${cookie}`] ??= []).push(text);
  }
  return found;
}

function placesOf(records: readonly ReadRecord[]): Map<string | undefined, number> {
  return new Map(records.map(({ key, partition }) => [key, partition]));
}

function sortedPlaces(records: readonly ReadRecord[]): string[] {
  return records.map(({ key, partition }) => `${key} ${partition}`).toSorted();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
