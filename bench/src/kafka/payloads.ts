import { writeFileSync } from 'node:fs';

import type { MessageToProduce } from '@platformatic/kafka';

/* ProducerPerformance keeps a payload file in memory, as objects. */
const MOST_PAYLOADS = 50_000;
const LINE_END = 10;

/**
 * Our records for ProducerPerformance, one a line: it sends values alone, so a line has the bytes of key, headers and value one after another, and its records are as large as ours.
 *
 * Of each byte the seven low bits, a line end as the next character: it takes no other bytes. So what is sent is as long, and what repeats in it repeats as it did, for the compression's
 * sake. What the tool makes of `--record-size` is letters at random, each made anew, which costs it time.
 */
export function writePayloads(records: readonly MessageToProduce[], path: string): void {
  const pieces: Buffer[] = [];
  for (const { key, value, headers } of records.slice(0, MOST_PAYLOADS)) {
    const text = Buffer.concat([
      key ?? Buffer.alloc(0),
      value ?? Buffer.alloc(0),
      ...[...(headers as Map<Buffer, Buffer>)].flat(),
    ]);
    for (let at = 0; at < text.length; at++) {
      const low = text[at]! & 0x7f;
      text[at] = low === LINE_END ? LINE_END + 1 : low;
    }
    pieces.push(text, Buffer.of(LINE_END));
  }
  writeFileSync(path, Buffer.concat(pieces));
}

const NO_KEY = -1;

/**
 * Our records as `bench/java/SendRecords.java` reads them, numbers big-endian as Java has them:
 *
 *   records, then each: partition, key, headers, then name and value of each, value; a text or bytes: length (-1: no key), bytes
 */
export function writeRecords(records: readonly MessageToProduce[], path: string): void {
  const pieces: Buffer[] = [int32(records.length)];
  const append = (bytes: Buffer): void => void pieces.push(int32(bytes.length), bytes);
  for (const { partition, key, value, headers } of records) {
    pieces.push(int32(partition ?? 0));
    if (key === undefined || key === null) pieces.push(int32(NO_KEY));
    else append(key);
    const pairs = headers as Map<Buffer, Buffer>;
    pieces.push(int32(pairs.size));
    for (const pair of pairs) for (const text of pair) append(text);
    append(value ?? Buffer.alloc(0));
  }
  writeFileSync(path, Buffer.concat(pieces));
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
