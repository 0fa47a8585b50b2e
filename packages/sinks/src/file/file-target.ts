import { existsSync, rmSync } from 'node:fs';

import type { ByteTarget, Parts, Settling } from '../writer/byte-target.ts';
import { type Compression, Compressor } from './compression.ts';
import type { FileSettings } from './file-settings.ts';
import { OpenPart } from './open-part.ts';
import type { PartTaker } from './take-part.ts';

/** Text after which a compressor gives out what it holds: rarely enough to cost nothing, and all that a full disk can take. */
const COMPRESSED_SETTLE_BYTES = 1024 * 1024;

/** What is kept until it is on the disk, so that it can be written anew. */
const KEPT_SETTLE_BYTES = 4 * 1024 * 1024;

/** What a {@link FileTarget} is told. */
export interface FileTargetOptions {
  readonly settings: FileSettings;
  readonly parts: PartTaker;
  /** Of a series: all its names at once. */
  readonly glob?: string;
  /** After each part that was completed: removes what is kept no longer. */
  readonly afterPart?: () => Promise<void>;
}

/** Shortens a part to what was acknowledged of it; one that would hold nothing is removed. */
function leave(part: OpenPart, lengthBytes: number): void {
  try {
    if (lengthBytes === 0) rmSync(part.unfinishedPath, { force: true });
    part.cutTo(lengthBytes);
  } catch {
    // Then more than that lies there, once more than in the part that follows.
  }
}

/** A file, or a series of them: each is called NAME.part until it is complete. */
export class FileTarget implements ByteTarget, Parts, Settling {
  readonly maxWriteBytes: number = Number.MAX_SAFE_INTEGER;
  readonly isAcceptedBefore: boolean;
  readonly settleAfterBytes: number;
  readonly #options: FileTargetOptions;
  readonly #syncs: { readonly onSettle: boolean; readonly onEnd: boolean };
  readonly #compression: Compression | undefined;
  #part: OpenPart | undefined;
  #compressor: Compressor | undefined;
  #dueAtMs: number;
  #settledBytes: number;
  #endedParts: number;
  #endedBytes: number;
  #location: string;
  readonly #left: string[];
  #broken: { readonly error: unknown } | undefined;

  /** @throws ERR_SOCKFLOW_SINK_PATH */
  constructor(options: FileTargetOptions) {
    const { compress, fsync } = options.settings;
    const syncsOnSettle = fsync === 'interval' || fsync === 'batch';
    this.#options = options;
    this.#compression = compress;
    this.#syncs = { onSettle: syncsOnSettle, onEnd: fsync !== 'never' };
    this.isAcceptedBefore = compress === undefined && !syncsOnSettle;
    const isKept = options.settings.onError === 'wait' && syncsOnSettle;
    const limitBytes = isKept ? KEPT_SETTLE_BYTES : Infinity;
    this.settleAfterBytes =
      compress === undefined || syncsOnSettle ? limitBytes : COMPRESSED_SETTLE_BYTES;
    this.#dueAtMs = Infinity;
    this.#settledBytes = 0;
    this.#endedParts = 0;
    this.#endedBytes = 0;
    this.#location = '';
    this.#left = [];
    this.#broken = undefined;
    this.#part = undefined;
    this.#compressor = undefined;
    this.#begunPart();
  }

  get settling(): Settling {
    return this;
  }

  get parts(): Parts {
    return this;
  }

  get isWritable(): boolean {
    return this.#part !== undefined && this.#compression === undefined;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Compressed, a part is full once its file is: what is still to come out of what went in is not known before. */
  get roomBytes(): number {
    const left = this.#options.settings.rotateBytes - (this.#part?.lengthBytes ?? 0);
    if (this.#compression === undefined) return left;
    return left > 0 ? Infinity : 0;
  }

  get bytesWritten(): number {
    return this.#endedBytes + (this.#part?.lengthBytes ?? 0);
  }

  get leftPaths(): readonly string[] {
    return this.#left;
  }

  get location(): string {
    return this.#location;
  }

  async write(bytes: Uint8Array, start: number, end: number): Promise<number> {
    const part = this.#begunPart();
    const written = await this.#writeTo(part, bytes, start, end);
    this.#startClock();
    return written;
  }

  writeNow(bytes: Uint8Array, start: number, end: number): number {
    const written = this.#begunPart().writeNow(bytes, start, end);
    this.#startClock();
    return written;
  }

  async #writeTo(part: OpenPart, bytes: Uint8Array, start: number, end: number): Promise<number> {
    const compressor = this.#compressor;
    if (compressor === undefined) return part.write(bytes, start, end);
    await this.#unbroken(async () => {
      await part.writeAll(await compressor.write(bytes.subarray(start, end)));
    });
    return end - start;
  }

  /** Of a compressed part nothing: what a write that failed left of it is taken back by then. */
  takeBack(bytes: number): void {
    const part = this.#part;
    if (part !== undefined && this.#compression === undefined) part.cutTo(part.lengthBytes - bytes);
  }

  settle(): Promise<void> {
    return this.#unbroken(async () => {
      const part = this.#part;
      if (part === undefined) return;
      await part.checkIsThere();
      if (this.#compressor !== undefined) await part.writeAll(await this.#compressor.flush());
      if (this.#syncs.onSettle) await part.sync();
      this.#settledBytes = part.lengthBytes;
    });
  }

  endPart(): Promise<void> {
    return this.#unbroken(async () => {
      if (this.#part === undefined) return;
      await this.#endCompression(this.#part);
      await this.#complete(this.#part);
    });
  }

  async clear(): Promise<void> {
    await this.#options.afterPart?.();
  }

  async close(isComplete: boolean): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    this.#location = part.unfinishedPath;
    try {
      if (isComplete) await this.endPart();
      // A part that is not complete is whole all the same, where it can be.
      else await this.#unbroken(() => this.#endCompression(part)).catch(() => {});
    } finally {
      this.#compressor?.destroy();
      await part.close();
    }
    if (isComplete) await this.clear();
  }

  /**
   * In a part whose write failed writing goes on. One that was removed, closed, compressed, or is to be on the disk, is given up: an fdatasync that is asked again may report
   * success for what it lost. What was not acknowledged is cut off, where that can be.
   */
  async letGo(): Promise<boolean> {
    const broken = this.#broken;
    const part = this.#part;
    this.#broken = undefined;
    if (part === undefined) return false;
    if (this.isAcceptedBefore && (await part.isWell())) return false;
    if (this.#options.glob === undefined && existsSync(part.unfinishedPath)) {
      this.#broken = broken;
      throw broken?.error ?? new Error(`${part.unfinishedPath} cannot be written on`);
    }
    this.#compressor?.destroy();
    this.#compressor = undefined;
    if (!this.isAcceptedBefore) leave(part, this.#settledBytes);
    await part.close().catch(() => {});
    this.#left.push(part.unfinishedPath);
    this.#endedBytes += part.lengthBytes;
    this.#part = undefined;
    this.#dueAtMs = Infinity;
    return true;
  }

  /**
   * What fails here is not tried again, except in another part: a second fdatasync would report success for bytes that the first one lost, and in a compressed stream nothing fits behind a gap. A
   * compressed part is cut back to where it was settled, so that all before can be read.
   */
  async #unbroken(act: () => Promise<void>): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken.error;
    try {
      await act();
    } catch (error) {
      this.#broken = { error };
      if (this.#compression !== undefined) this.#cutBack();
      throw error;
    }
  }

  #cutBack(): void {
    this.#compressor?.destroy();
    this.#compressor = undefined;
    try {
      this.#part?.cutTo(this.#settledBytes);
    } catch {
      // Then there is a torn end behind what can be read.
    }
  }

  async #complete(part: OpenPart): Promise<void> {
    await part.complete(this.#syncs.onEnd);
    this.#endedParts += 1;
    this.#endedBytes += part.lengthBytes;
    this.#part = undefined;
    this.#location = this.#endedParts === 1 ? part.path : (this.#options.glob ?? part.path);
  }

  async #endCompression(part: OpenPart): Promise<void> {
    const compressor = this.#compressor;
    if (compressor === undefined) return;
    await part.writeAll(await compressor.end());
    compressor.destroy();
    this.#compressor = undefined;
  }

  #begunPart(): OpenPart {
    if (this.#part !== undefined) return this.#part;
    this.#part = new OpenPart(this.#options.parts.take());
    if (this.#compression !== undefined) this.#compressor = new Compressor(this.#compression);
    this.#settledBytes = 0;
    this.#dueAtMs = Infinity;
    return this.#part;
  }

  /** Once something is in it: what cannot be written begins no part's time. */
  #startClock(): void {
    if (this.#dueAtMs === Infinity)
      this.#dueAtMs = performance.now() + this.#options.settings.rotateAfterMs;
  }
}
