import { createReadStream } from 'node:fs';

const TIME = /"tsNs":"(\d+)"/;

/** What a file of NDJSON holds. */
export interface LinesContent {
  /** Events: lines. */
  readonly count: number;
  /** The sum of the low words of their times, modulo 2^32. */
  readonly checksum: number;
  readonly bytes: number;
  /** Whether no event is earlier than the one before it. */
  readonly isInOrder: boolean;
}

/** Reads NDJSON of all fields, line by line. @throws Error where a line has no time */
export async function contentOfLines(path: string): Promise<LinesContent> {
  let [count, checksum, bytes, lastNs, isInOrder] = [0, 0, 0, 0, true];
  let begun = '';
  for await (const chunk of createReadStream(path, {
    encoding: 'latin1',
    highWaterMark: 1 << 20,
  })) {
    const lines = (begun + (chunk as string)).split('\n');
    begun = lines.pop() as string;
    for (const line of lines) {
      // Exact up to 2^53 ns, some hundred days of uptime.
      const tsNs = Number(TIME.exec(line)?.[1] ?? NaN);
      if (Number.isNaN(tsNs)) throw new Error(`${path}: no time in '${line.slice(0, 80)}'`);
      isInOrder &&= tsNs >= lastNs;
      lastNs = tsNs;
      checksum = (checksum + (tsNs % 2 ** 32)) >>> 0;
      count++;
      bytes += line.length + 1;
    }
  }
  if (begun !== '') throw new Error(`${path}: ends within a line`);
  return { count, checksum, bytes, isInOrder };
}
