import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import { type Chunk, countOfItems, endOfItems, itemsWithin } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import type { ByteTarget } from './byte-target.ts';

const NOTHING = new Uint8Array(0);

/**
 * Writes chunks to a target, item by item where parts end or a write fails, and counts what was accepted.
 *
 * Every part begins and ends as its encoding wants it. After a failed write the torn item is taken back, and nothing is to be written any more.
 */
export class ChunkWriter {
  readonly #target: ByteTarget;
  readonly #encoder: Encoder;
  #headBytes: Uint8Array | undefined;
  #isPartNew: boolean;
  #acknowledged: number;
  #unsettled: number;
  #isUnsettled: boolean;
  #unsettledBytes: number;
  #bytesWritten: number;

  constructor(encoder: Encoder, target: ByteTarget) {
    this.#target = target;
    this.#encoder = encoder;
    this.#headBytes = undefined;
    this.#isPartNew = true;
    this.#acknowledged = 0;
    this.#unsettled = 0;
    this.#isUnsettled = false;
    this.#unsettledBytes = 0;
    this.#bytesWritten = 0;
  }

  /** Events and values accepted. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether something was written since it was settled last. */
  get isUnsettled(): boolean {
    return this.#isUnsettled;
  }

  get bytesWritten(): number {
    return this.#target.bytesWritten ?? this.#bytesWritten;
  }

  get location(): string | undefined {
    return this.#target.location;
  }

  /** When the part that is written is to end, in the time of `performance.now()`. */
  get partDueAtMs(): number {
    return this.#target.parts?.dueAtMs ?? Infinity;
  }

  /** Writes a chunk at once. @returns whether that could be: if not, nothing of it is written */
  writeNow(chunk: Chunk): boolean {
    const { parts } = this.#target;
    if (this.#target.writeNow === undefined) return false;
    if (this.#isPartNew && this.#head().length > 0) return false;
    if (parts !== undefined) {
      const { roomBytes, isWritable } = parts;
      if (!isWritable || roomBytes < chunk.length || this.#isPartDue()) return false;
    }
    let written = 0;
    this.#isPartNew = false;
    try {
      while (written < chunk.length)
        written += this.#target.writeNow(chunk.bytes, written, chunk.length);
    } catch (error) {
      this.#refuse(chunk, 0, written);
      throw error;
    }
    this.#accept(chunk, 0, chunk.length);
    return true;
  }

  async write(chunk: Chunk): Promise<void> {
    let start = 0;
    while (start < chunk.length) {
      if (this.#isPartDue()) await this.endPart();
      const end = this.#endInPart(chunk, start);
      if (end === start) {
        await this.endPart();
        continue;
      }
      await this.#beginPart();
      await this.#writeItems(chunk, start, end);
      start = end;
    }
  }

  /** Whether so much was written that it is to be settled. */
  get isSettlingDue(): boolean {
    return this.#unsettledBytes >= (this.#target.settling?.settleAfterBytes ?? Infinity);
  }

  /** Makes all that was written count. */
  async settle(): Promise<void> {
    await this.#target.settling?.settle();
    this.#acknowledgeAll();
  }

  /** Completes the part, where something is in it. */
  async endPart(): Promise<void> {
    if (this.#isPartNew) return;
    await this.#writeEdge(this.#foot());
    await this.#target.parts?.endPart();
    this.#acknowledgeAll();
    this.#isPartNew = true;
    await this.#target.parts?.clear();
  }

  /** @param isFailed whether a write has failed: then only what was written is closed */
  async close(isComplete: boolean, isFailed: boolean): Promise<void> {
    if (!isFailed) {
      try {
        await this.#finish();
      } catch (error) {
        await this.#target.close(false).catch(() => {});
        throw error;
      }
    }
    await this.#target.close(isComplete && !isFailed);
  }

  /** An output without any event, too, begins and ends as it should; a series whose last part has just ended needs none. */
  async #finish(): Promise<void> {
    if (this.#isPartNew && this.#bytesWritten > 0) return;
    await this.#beginPart();
    await this.#writeEdge(this.#foot());
  }

  async #beginPart(): Promise<void> {
    if (!this.#isPartNew) return;
    this.#isPartNew = false;
    await this.#writeEdge(this.#head());
  }

  /** Asked for when there is something to write, or nothing will come: it may depend on the first item. */
  #head(): Uint8Array {
    const encoder = this.#encoder;
    this.#headBytes ??=
      encoder.begin === undefined ? NOTHING : bytesOf((out) => encoder.begin?.(out));
    return this.#headBytes;
  }

  #foot(): Uint8Array {
    const encoder = this.#encoder;
    return encoder.end === undefined ? NOTHING : bytesOf((out) => encoder.end?.(out));
  }

  async #writeEdge(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length)
      written += await this.#target.write(bytes, written, bytes.length);
    this.#bytesWritten += written;
    if (written > 0) this.#isUnsettled = true;
  }

  #isPartDue(): boolean {
    const dueAtMs = this.partDueAtMs;
    return dueAtMs !== Infinity && performance.now() >= dueAtMs;
  }

  /** Where the items end that the part still takes: at least one in a part that is new. */
  #endInPart(chunk: Chunk, start: number): number {
    const { roomBytes = Infinity } = this.#target.parts ?? {};
    const room = this.#isPartNew ? roomBytes - this.#head().length : roomBytes;
    if (room >= chunk.length - start) return chunk.length;
    const items = itemsWithin(chunk, start + Math.max(0, room));
    const end = endOfItems(chunk, items);
    if (end > start) return end;
    return this.#isPartNew ? endOfItems(chunk, items + 1) : start;
  }

  async #writeItems(chunk: Chunk, start: number, end: number): Promise<void> {
    let written = start;
    try {
      while (written < end)
        written += await this.#target.write(
          chunk.bytes,
          written,
          this.#writeEnd(chunk, written, end),
        );
    } catch (error) {
      this.#refuse(chunk, start, written);
      throw error;
    }
    this.#accept(chunk, start, end);
  }

  /** Where a write that starts at `start` ends: as many whole items as the target takes at once, at least one. */
  #writeEnd(chunk: Chunk, start: number, limitEnd: number): number {
    const limit = start + this.#target.maxWriteBytes;
    if (limit >= limitEnd) return limitEnd;
    const items = itemsWithin(chunk, limit);
    const end = endOfItems(chunk, items);
    return end > start ? end : endOfItems(chunk, items + 1);
  }

  #accept(chunk: Chunk, start: number, end: number): void {
    const count =
      countOfItems(chunk, itemsWithin(chunk, end)) - countOfItems(chunk, itemsWithin(chunk, start));
    this.#bytesWritten += end - start;
    this.#unsettledBytes += end - start;
    this.#isUnsettled = true;
    this.#unsettled += count;
    if (this.#target.settling?.isAcceptedBefore ?? true) {
      this.#acknowledged += this.#unsettled;
      this.#unsettled = 0;
    }
  }

  /** What was written up to the last whole item is accepted, and the torn one taken back. */
  #refuse(chunk: Chunk, start: number, written: number): void {
    const whole = endOfItems(chunk, itemsWithin(chunk, written));
    this.#accept(chunk, start, Math.max(start, whole));
    try {
      if (written > whole) this.#target.takeBack(written - whole);
    } catch {
      // Then the output ends with a torn item, after all whole ones.
    }
  }

  #acknowledgeAll(): void {
    this.#acknowledged += this.#unsettled;
    this.#unsettled = 0;
    this.#unsettledBytes = 0;
    this.#isUnsettled = false;
  }
}

function bytesOf(write: (out: ByteOutput) => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  const out = new ByteOutput(({ bytes, length }) => pieces.push(bytes.slice(0, length)));
  write(out);
  out.seal();
  return Buffer.concat(pieces);
}
