import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import { type Chunk, countOfItems, endOfItems, itemsWithin } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import type { ByteTarget } from './byte-target.ts';

const NOTHING = new Uint8Array(0);

/** A chunk on its way. */
interface Entry {
  readonly chunk: Chunk;
  /** Bytes that the part has. */
  done: number;
  /** Bytes that are acknowledged: from there on it may have to be written anew. */
  settled: number;
}

/** How a {@link ChunkWriter} takes failures. */
export interface ChunkWriterOptions {
  /** Whether what fails may be tried again. */
  readonly isPatient: boolean;
  /** Called with each chunk that is no longer needed. */
  readonly release: (chunk: Chunk) => void;
}

/**
 * Writes chunks to a target, item by item where parts end or a write fails, and counts what was accepted.
 *
 * Every part begins and ends as its encoding wants it. After a failed write the torn item is taken back. Then nothing is to be written any more or, where it is patient, the rest is with
 * `resume`: chunks are kept until they are acknowledged, so that they can be written anew where their part was given up.
 */
export class ChunkWriter {
  readonly #target: ByteTarget;
  readonly #encoder: Encoder;
  readonly #options: ChunkWriterOptions;
  readonly #keeps: boolean;
  /** Still to be written, the first one partly. */
  #backlog: Entry[];
  /** Written and not acknowledged. */
  #kept: Entry[];
  #begun: { readonly chunk: Chunk; readonly done: number } | undefined;
  #headBytes: Uint8Array | undefined;
  #isPartNew: boolean;
  /** Whether the part has more than its head. */
  #hasItems: boolean;
  #acknowledged: number;
  #unsettled: number;
  #isUnsettled: boolean;
  #unsettledBytes: number;
  #bytesWritten: number;

  constructor(encoder: Encoder, target: ByteTarget, options: ChunkWriterOptions) {
    this.#target = target;
    this.#encoder = encoder;
    this.#options = options;
    this.#keeps = options.isPatient && !(target.settling?.isAcceptedBefore ?? true);
    this.#backlog = [];
    this.#kept = [];
    this.#begun = undefined;
    this.#headBytes = undefined;
    this.#isPartNew = true;
    this.#hasItems = false;
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

  /** When the part that is written is to end, in the time of `performance.now()`; `Infinity` while no item is in it. */
  get partDueAtMs(): number {
    return this.#hasItems ? (this.#target.parts?.dueAtMs ?? Infinity) : Infinity;
  }

  get leftPaths(): readonly string[] {
    return this.#target.leftPaths ?? [];
  }

  /** Writes a chunk at once. @returns whether that could be: if not, `write` is to write it, or what is left of it */
  writeNow(chunk: Chunk): boolean {
    const { parts } = this.#target;
    if (this.#target.writeNow === undefined || this.#keeps) return false;
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
      const done = this.#refuse(chunk, 0, written);
      if (!this.#options.isPatient) throw error;
      this.#begun = { chunk, done };
      return false;
    }
    this.#accept(chunk, 0, chunk.length);
    return true;
  }

  async write(chunk: Chunk): Promise<void> {
    const done = this.#begun?.chunk === chunk ? this.#begun.done : 0;
    this.#begun = undefined;
    this.#backlog.push({ chunk, done, settled: done });
    await this.resume();
  }

  /** Goes on with what could not be written. */
  async resume(): Promise<void> {
    for (let entry = this.#backlog[0]; entry !== undefined; entry = this.#backlog[0]) {
      await this.#writeEntry(entry);
      this.#backlog.shift();
      if (this.#keeps) this.#kept.push(entry);
      else this.#options.release(entry.chunk);
    }
  }

  /** After something has failed: makes ready for trying again. */
  async letGo(): Promise<void> {
    if ((await this.#target.letGo?.()) !== true) return;
    this.#isPartNew = true;
    this.#hasItems = false;
    this.#isUnsettled = false;
    this.#unsettledBytes = 0;
    if (!this.#keeps) return;
    this.#unsettled = 0;
    this.#backlog = [...this.#kept, ...this.#backlog];
    this.#kept = [];
    for (const entry of this.#backlog) entry.done = entry.settled;
  }

  async #writeEntry(entry: Entry): Promise<void> {
    const { chunk } = entry;
    while (entry.done < chunk.length) {
      if (this.#isPartDue()) await this.endPart();
      const end = this.#endInPart(chunk, entry.done);
      if (end === entry.done) {
        await this.endPart();
        continue;
      }
      await this.#beginPart();
      await this.#writeItems(entry, end);
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

  /** Completes the part, where an item is in it: one whose first write failed has none. */
  async endPart(): Promise<void> {
    if (!this.#hasItems) return;
    await this.#writeEdge(this.#foot(true));
    await this.#target.parts?.endPart();
    this.#acknowledgeAll();
    this.#isPartNew = true;
    this.#hasItems = false;
    await this.#target.parts?.clear();
  }

  /** @param isFailed whether a write has failed: then only what was written is closed */
  async close(isComplete: boolean, isFailed: boolean): Promise<void> {
    if (!isFailed) {
      try {
        await this.#finish(isComplete);
      } catch (error) {
        await this.#target.close(false).catch(() => {});
        throw error;
      }
    }
    await this.#target.close(isComplete && !isFailed);
  }

  /** An output without any event, too, begins and ends as it should; a series whose last part has just ended needs none. */
  async #finish(isComplete: boolean): Promise<void> {
    if (this.#isPartNew && this.#bytesWritten > 0) return;
    await this.#beginPart();
    await this.#writeEdge(this.#foot(isComplete));
  }

  async #beginPart(): Promise<void> {
    if (!this.#isPartNew) return;
    await this.#writeEdge(this.#head());
    this.#isPartNew = false;
  }

  /** Asked for when there is something to write, or nothing will come: it may depend on the first item. */
  #head(): Uint8Array {
    const encoder = this.#encoder;
    this.#headBytes ??=
      encoder.begin === undefined ? NOTHING : bytesOf((out) => encoder.begin?.(out));
    return this.#headBytes;
  }

  #foot(isComplete: boolean): Uint8Array {
    const encoder = this.#encoder;
    return encoder.end === undefined ? NOTHING : bytesOf((out) => encoder.end?.(out, isComplete));
  }

  async #writeEdge(bytes: Uint8Array): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length)
        written += await this.#target.write(bytes, written, bytes.length);
    } catch (error) {
      this.#tryTakeBack(written);
      throw error;
    }
    this.#bytesWritten += written;
    if (written > 0) this.#isUnsettled = true;
  }

  #isPartDue(): boolean {
    const dueAtMs = this.partDueAtMs;
    return dueAtMs !== Infinity && performance.now() >= dueAtMs;
  }

  /** Where the items end that the part still takes: at least one in a part that has none. */
  #endInPart(chunk: Chunk, start: number): number {
    const { roomBytes = Infinity } = this.#target.parts ?? {};
    const room = this.#isPartNew ? roomBytes - this.#head().length : roomBytes;
    if (room >= chunk.length - start) return chunk.length;
    const items = itemsWithin(chunk, start + Math.max(0, room));
    const end = endOfItems(chunk, items);
    if (end > start) return end;
    return this.#hasItems ? start : endOfItems(chunk, items + 1);
  }

  async #writeItems(entry: Entry, end: number): Promise<void> {
    const { chunk, done: start } = entry;
    let written = start;
    try {
      while (written < end)
        written += await this.#target.write(
          chunk.bytes,
          written,
          this.#writeEnd(chunk, written, end),
        );
    } catch (error) {
      entry.done = this.#refuse(chunk, start, written);
      throw error;
    }
    this.#accept(chunk, start, end);
    entry.done = end;
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
    if (end === start) return;
    this.#hasItems = true;
    this.#bytesWritten += end - start;
    this.#unsettledBytes += end - start;
    this.#isUnsettled = true;
    this.#unsettled += count;
    if (this.#target.settling?.isAcceptedBefore ?? true) {
      this.#acknowledged += this.#unsettled;
      this.#unsettled = 0;
    }
  }

  /** What was written up to the last whole item is accepted, and the torn one taken back. @returns where that item ends */
  #refuse(chunk: Chunk, start: number, written: number): number {
    const whole = Math.max(start, endOfItems(chunk, itemsWithin(chunk, written)));
    this.#accept(chunk, start, whole);
    this.#tryTakeBack(written - whole);
    return whole;
  }

  #tryTakeBack(bytes: number): void {
    try {
      if (bytes > 0) this.#target.takeBack(bytes);
    } catch {
      // Then the output ends with a torn item, after all whole ones.
    }
  }

  #acknowledgeAll(): void {
    this.#acknowledged += this.#unsettled;
    this.#unsettled = 0;
    this.#unsettledBytes = 0;
    this.#isUnsettled = false;
    for (const { chunk } of this.#kept) this.#options.release(chunk);
    this.#kept = [];
    const [begun] = this.#backlog;
    if (begun !== undefined) begun.settled = begun.done;
  }
}

function bytesOf(write: (out: ByteOutput) => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  const out = new ByteOutput(({ bytes, length }) => pieces.push(bytes.slice(0, length)));
  write(out);
  out.seal();
  return Buffer.concat(pieces);
}
