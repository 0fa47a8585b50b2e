import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { parseTcpOptions } from './parse-tcp-options.ts';
import type { TcpOption } from './tcp-option.ts';

const FIXED = 20;

function unhex(text: string): number[] {
  return [...Buffer.from(text, 'hex')];
}

function be(value: number, bytes: number): number[] {
  return Array.from(
    { length: bytes },
    (_, index) => (value / 2 ** (8 * (bytes - 1 - index))) & 255,
  );
}

/** The bytes of an option, as a stack would write them. */
function encode(option: TcpOption): number[] {
  const long = (body: readonly number[]): number[] => [option.kind, body.length + 2, ...body];
  switch (option.name) {
    case 'END':
    case 'NOP':
      return [option.kind];
    case 'SACK_PERMITTED':
      return long([]);
    case 'MSS':
      return long(be(option.mssBytes, 2));
    case 'WINDOW_SCALE':
      return long([option.shift]);
    case 'SACK':
      return long(option.blocks.flatMap(({ start, end }) => [...be(start, 4), ...be(end, 4)]));
    case 'TIMESTAMPS':
      return long([...be(option.value, 4), ...be(option.echoReply, 4)]);
    case 'FAST_OPEN':
      return long(unhex(option.cookie));
    case 'MPTCP':
    case 'EXPERIMENT':
    case 'UNKNOWN':
      return long(unhex(option.bytes));
    case 'MALFORMED':
    case 'TRUNCATED':
      return unhex(option.bytes);
  }
}

function header(
  options: readonly number[],
  offsetBytes: number = FIXED + options.length,
): Uint8Array {
  const bytes = new Uint8Array(FIXED + options.length);
  bytes[12] = (offsetBytes / 4) << 4;
  bytes.set(options, FIXED);
  return bytes;
}

const PLAIN = { noNullPrototype: true };
const u32 = fc.nat(0xffffffff);
const hexBytes = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('hex'));
const KNOWN = new Set([0, 1, 2, 3, 4, 5, 8, 30, 34, 253, 254]);

const anyOption: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constant<TcpOption>({ kind: 1, name: 'NOP' }),
  fc.constant<TcpOption>({ kind: 4, name: 'SACK_PERMITTED' }),
  fc.nat(0xffff).map((mssBytes): TcpOption => ({ kind: 2, name: 'MSS', mssBytes })),
  fc.nat(255).map((shift): TcpOption => ({ kind: 3, name: 'WINDOW_SCALE', shift })),
  fc
    .array(fc.record({ start: u32, end: u32 }, PLAIN), { minLength: 1, maxLength: 4 })
    .map((blocks): TcpOption => ({ kind: 5, name: 'SACK', blocks })),
  fc
    .record({ value: u32, echoReply: u32 }, PLAIN)
    .map((stamps): TcpOption => ({ kind: 8, name: 'TIMESTAMPS', ...stamps })),
  fc
    .constantFrom(0, 4, 6, 8, 16)
    .chain((length) => hexBytes(length, length))
    .map((cookie): TcpOption => ({ kind: 34, name: 'FAST_OPEN', cookie })),
  hexBytes(1, 10).map((bytes): TcpOption => ({
    kind: 30,
    name: 'MPTCP',
    subtype: unhex(bytes)[0]! >> 4,
    bytes,
  })),
  fc
    .tuple(fc.constantFrom(253, 254), hexBytes(0, 10))
    .map(([kind, bytes]): TcpOption => ({ kind, name: 'EXPERIMENT', bytes })),
  fc
    .tuple(
      fc.nat(255).filter((kind) => !KNOWN.has(kind)),
      hexBytes(0, 10),
    )
    .map(([kind, bytes]): TcpOption => ({ kind, name: 'UNKNOWN', bytes })),
);

test('options that were written come back, one after the other', () => {
  fc.assert(
    fc.property(fc.array(anyOption, { maxLength: 8 }), (options) => {
      const bytes: number[] = [];
      const written: TcpOption[] = [];
      for (const option of options) {
        const one = encode(option);
        if (bytes.length + one.length > 36) continue;
        bytes.push(...one);
        written.push(option);
      }
      if (bytes.length % 4 !== 0) {
        written.push({ kind: 0, name: 'END' });
        while (bytes.length % 4 !== 0) bytes.push(0);
      }
      assert.deepEqual(parseTcpOptions(header(bytes)), { options: written, isTruncated: false });
    }),
  );
});

test('any bytes are read without an error, and none before the end of the options is lost', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, captured) => {
      const length = Math.min(captured, bytes.length);
      const { options, isTruncated } = parseTcpOptions(bytes, length);
      const offset = length < FIXED ? 0 : (bytes[12]! >> 4) * 4;
      const end = offset < FIXED ? length : offset;
      assert.equal(isTruncated, length < FIXED || end > length);
      const again = options.flatMap((option) => encode(option));
      const read = [...bytes.subarray(FIXED, FIXED + again.length)];
      assert.deepEqual(again, length < FIXED ? [] : read);
      const isWhole =
        options.at(-1)?.name === 'END' || FIXED + again.length === Math.min(end, length);
      assert.ok(length < FIXED || isWhole);
    }),
    { numRuns: 2000 },
  );
});

test('an option with a length that its kind cannot have is kept as it is, and reading goes on', () => {
  const bytes = [2, 3, 9, 8, 4, 1, 2, 3, 2, 1, 34, 3, 7, 4, 2, 1];
  assert.deepEqual(parseTcpOptions(header(bytes)).options, [
    { kind: 2, name: 'MALFORMED', bytes: '020309' },
    { kind: 8, name: 'MALFORMED', bytes: '08040102' },
    { kind: 3, name: 'MALFORMED', bytes: '0302' },
    { kind: 1, name: 'NOP' },
    { kind: 34, name: 'MALFORMED', bytes: '220307' },
    { kind: 4, name: 'SACK_PERMITTED' },
    { kind: 1, name: 'NOP' },
  ]);
});

test('a length that leads past the header, or of less than two, ends the reading', () => {
  assert.deepEqual(parseTcpOptions(header([1, 2, 9, 5])).options, [
    { kind: 1, name: 'NOP' },
    { kind: 2, name: 'MALFORMED', bytes: '020905' },
  ]);
  assert.deepEqual(parseTcpOptions(header([2, 1, 1, 1])).options, [
    { kind: 2, name: 'MALFORMED', bytes: '02010101' },
  ]);
});

test('an option cut off by the capture is marked as cut off, not as wrong', () => {
  const bytes = header([1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1]);
  assert.deepEqual(parseTcpOptions(bytes, 26), {
    options: [
      { kind: 1, name: 'NOP' },
      { kind: 8, name: 'TRUNCATED', bytes: '080a010203' },
    ],
    isTruncated: true,
  });
  assert.deepEqual(parseTcpOptions(bytes, 22).options, [
    { kind: 1, name: 'NOP' },
    { kind: 8, name: 'TRUNCATED', bytes: '08' },
  ]);
  assert.deepEqual(parseTcpOptions(bytes, 12), { options: [], isTruncated: true });
});

test('a header whose fixed part the kernel has not written yet ends where the capture does', () => {
  const bytes = header([254, 4, 0xab, 0xcd, 0, 0, 0, 0], 0);
  assert.deepEqual(parseTcpOptions(bytes), {
    options: [
      { kind: 254, name: 'EXPERIMENT', bytes: 'abcd' },
      { kind: 0, name: 'END' },
    ],
    isTruncated: false,
  });
});
