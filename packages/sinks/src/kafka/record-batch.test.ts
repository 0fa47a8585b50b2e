import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type CompressionAlgorithmValue,
  compressionsAlgorithms,
  crc32c,
  Reader,
  readRecordsBatch,
} from '@platformatic/kafka';
import {
  array,
  assert as assertAll,
  constantFrom,
  option,
  property,
  record as recordOf,
  tuple,
  uint8Array,
} from 'fast-check';

import { nativeLz4 } from './native-lz4.ts';
import { type BatchCodec, encodeHeaders, RecordBatch } from './record-batch.ts';

const STAMP = { producerId: 77n, producerEpoch: 3, sequence: 12_345 };
const NONE = codecOf('none');

interface Given {
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array;
}

const given = recordOf({
  key: option(uint8Array({ maxLength: 200 }), { nil: undefined }),
  value: uint8Array({ maxLength: 20_000 }),
});
const headers = array(tuple(uint8Array({ maxLength: 20 }), uint8Array({ maxLength: 300 })), {
  maxLength: 3,
});

test('the client reads what was added, whatever keys, values and headers there are', () => {
  assertAll(
    property(
      array(given, { minLength: 1, maxLength: 150 }),
      headers,
      constantFrom<CompressionAlgorithmValue>('none', 'gzip', 'snappy', 'lz4'),
      (records, pairs, compression) => {
        const batch = batchOf(records, new Map(pairs));
        const read = readRecordsBatch(Reader.from(batch.seal(STAMP, codecOf(compression))));
        assert.equal(read.producerId, STAMP.producerId);
        assert.equal(read.producerEpoch, STAMP.producerEpoch);
        assert.equal(read.firstSequence, STAMP.sequence);
        assert.equal(read.lastOffsetDelta, records.length - 1);
        assert.deepEqual(
          read.records.map(({ offsetDelta }) => offsetDelta),
          [...records.keys()],
        );
        assert.deepEqual(
          read.records.map(({ key, value }) => [bytesOrNull(key), bytesOrNull(value)]),
          records.map(({ key, value }) => [bytesOrNull(key ?? null), bytesOrNull(value)]),
        );
        for (const record of read.records) {
          assert.deepEqual(
            record.headers.map(([name, value]) => [bytesOrNull(name), bytesOrNull(value)]),
            pairs.map(([name, value]) => [bytesOrNull(name), bytesOrNull(value)]),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a batch that is sealed again has the other stamp, its checksum, and the same records', () => {
  const value = Buffer.from('an event');
  const batch = batchOf([{ key: undefined, value }], new Map());
  const first = Buffer.from(batch.seal(STAMP, NONE));
  assert.deepEqual(Buffer.from(batch.seal(STAMP, NONE)), first);
  const second = batch.seal({ producerId: 78n, producerEpoch: 0, sequence: 0 }, NONE);
  const read = readRecordsBatch(Reader.from(second));
  assert.equal(read.producerId, 78n);
  assert.equal(read.crc, crc32c(second.subarray(21)));
  assert.deepEqual(second.subarray(57), first.subarray(57));
});

test('lengths at each border of their varints are read as they were', () => {
  const lengths = [63, 64, 8191, 8192, 1_048_575, 1_048_576];
  const batch = batchOf(
    lengths.map((length) => ({ key: undefined, value: new Uint8Array(length) })),
    new Map(),
  );
  const { records } = readRecordsBatch(Reader.from(batch.seal(STAMP, NONE)));
  assert.deepEqual(
    records.map(({ value }) => value?.length),
    lengths,
  );
});

function batchOf(
  records: readonly Given[],
  pairs: ReadonlyMap<Uint8Array, Uint8Array>,
): RecordBatch {
  const batch = new RecordBatch(0);
  const encoded = encodeHeaders(pairs);
  for (const { key, value } of records) {
    // In the midst of others, as the bytes of an encoder are.
    const values = Buffer.concat([Buffer.from('before'), value, Buffer.from('after')]);
    batch.add(key, values, 6, 6 + value.length, encoded);
  }
  return batch;
}

function codecOf(compression: CompressionAlgorithmValue): BatchCodec {
  const { bitmask, compressSync } = compressionsAlgorithms[compression];
  return { bitmask, crc32c, compress: compression === 'none' ? undefined : compressSync };
}

function bytesOrNull(bytes: Uint8Array | null): readonly number[] | null {
  return bytes === null ? null : [...bytes];
}

test('native LZ4 frames are read by the client, whatever their size and however they compress', () => {
  const compress = nativeLz4();
  assert.ok(compress !== undefined);
  const bytes = uint8Array({ maxLength: 3000 });
  assertAll(
    property(array(bytes, { maxLength: 4 }), constantFrom(1, 30, 700), (pieces, times) => {
      const plain = Buffer.concat(Array.from({ length: times }, () => pieces).flat());
      const frame = compress(plain);
      // Version 1, independent blocks, no checksums nor size: what Kafka's reader asks for.
      assert.equal(frame[4], 0x60);
      assert.ok(plain.equals(compressionsAlgorithms.lz4.decompressSync(frame)));
    }),
    { numRuns: 60 },
  );
});
