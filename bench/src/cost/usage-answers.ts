import { readFileSync, statSync } from 'node:fs';

import { filterKind, Kind } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { unpackMultiple } from 'msgpackr';

import { foldEveryField } from '../decode/fold-every-field.ts';
import { drain } from '../harness/drain.ts';
import { contentOfLines } from '../sinks/content-of-lines.ts';
import { timesOf } from '../sinks/times-of.ts';
import type { UsageWorkName } from './usage-work.ts';

/** Checks what each work says that it found, and what it wrote, by other ways than its own. */
export class UsageAnswers {
  readonly #sums: ReadonlyMap<UsageWorkName, number>;
  readonly #written: string;
  /** Of a file whose content has been checked, bytes. */
  readonly #sizes = new Map<UsageWorkName, number>();

  private constructor(sums: ReadonlyMap<UsageWorkName, number>, written: string) {
    this.#sums = sums;
    this.#written = written;
  }

  /** Reads a recording's op events as objects and through `foldFields`. */
  static async of(path: string): Promise<UsageAnswers> {
    const fold = foldEveryField();
    let [five, every, count, times] = [0, 0, 0, 0];
    await drain(fromReplay(path, { views: 'reused' }).pipe(filterKind(Kind.OP)), (batch) => {
      every = fold(batch, every);
      count += batch.size;
      for (const event of batch.toObjects()) {
        times = (times + lowWord(event.tsNs)) >>> 0;
        if (!('srttUs' in event) || event.srttUs === undefined) continue;
        const { srttUs, sndCwnd, totalRetrans, bytesAcked, localPort } = event;
        for (const value of [srttUs, sndCwnd, totalRetrans, bytesAcked, localPort])
          five = (five + (value ?? 0)) | 0;
      }
    });
    const sums = new Map<UsageWorkName, number>([
      ['five-fields', five],
      ['every-field', every | 0],
      ['objects', count],
    ]);
    return new UsageAnswers(sums, `${count} ${times}`);
  }

  /** @param output the file that a sink wrote @throws Error where it is not what it must be */
  async check(name: UsageWorkName, sum: number | undefined, output: string): Promise<void> {
    const expected = this.#sums.get(name);
    if (expected !== undefined) {
      if (sum !== expected) throw new Error(`cost/usage: ${name} found ${sum} of ${expected}`);
      return;
    }
    // The same bytes were read before: text takes longer to read than to write.
    const { size } = statSync(output);
    if (name !== 'recording' && this.#sizes.get(name) === size) return;
    const written = await contentOf(name, output);
    if (written !== this.#written)
      throw new Error(`cost/usage: ${name} wrote ${written} of ${this.#written}`);
    this.#sizes.set(name, size);
  }
}

async function contentOf(name: UsageWorkName, path: string): Promise<string> {
  if (name !== 'msgpack') {
    const { count, checksum } = await (name === 'ndjson' ? contentOfLines : timesOf)(path);
    return `${count} ${checksum}`;
  }
  let [count, checksum] = [0, 0];
  unpackMultiple(readFileSync(path), (event: { readonly tsNs: bigint | number }) => {
    checksum = (checksum + lowWord(event.tsNs)) >>> 0;
    count++;
  });
  return `${count} ${checksum}`;
}

function lowWord(tsNs: bigint | number): number {
  return Number(BigInt(tsNs) & 0xffffffffn);
}
