import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import type { Origin } from '@sockflow/core';

import { SourceError } from '../../errors.ts';
import { hasFileMagic } from '../../format/file-header.ts';
import { type FrameHeader, identityBytes, isOfPart } from '../../format/frame-header.ts';
import {
  FrameType,
  MAX_FILE_HEADER_BYTES,
  PREAMBLE,
  PREAMBLE_BYTES,
  SKIPPABLE_FLAG,
} from '../../format/layout.ts';
import { parseOrigin } from '../../format/origin-text.ts';
import { UNFINISHED_SUFFIX } from '../../format/part-path.ts';
import type { RandomAccessFile } from '../../reader/random-access-file.ts';
import { readFileHeader } from '../../reader/read-file-header.ts';
import { readFrameHeader } from '../../reader/read-frame-header.ts';
import { readSystem, unreadable } from './read-system.ts';

/** Nothing that is whole lies behind what was read. */
export const PART_WAITS = 'waits';
/** The part is complete: its end was read. */
export const PART_ENDS = 'ends';

/** A frame that was not written by today's writer has more; a block's header lies in it. */
const HEADER_BYTES = 1024;

/** A block as a growing part gives it. */
export interface GrownBlock {
  readonly header: FrameHeader;
  readonly origin: Origin;
}

/** What a growing part is read from. */
export interface GrowingInput {
  /** For messages. */
  readonly path: string;
  /** An open descriptor that is the caller's, of a spool; `undefined`: the file by its name, or its unfinished one. */
  readonly fd: number | undefined;
  /** Whether nothing will be appended any more, though no end was written. */
  isEnded(): boolean;
}

/**
 * One part of a recording that somebody appends to: its frames, each once and when it is whole. What is written is there up to the file's size, so a frame that reaches beyond it
 * is not whole yet.
 */
export class GrowingPart implements RandomAccessFile {
  readonly path: string;
  readonly #input: GrowingInput;
  #fd: number | undefined;
  #inode = 0;
  #sizeBytes = 0;
  #offset = 0;
  #identity: Buffer | undefined;
  #key = '';
  #laneGroups = 1;
  readonly #origins = new Map<number, Origin>();
  #isDone = false;

  constructor(input: GrowingInput) {
    this.path = input.path;
    this.#input = input;
    this.#fd = input.fd;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Where the next frame begins: everything before was read. */
  get offset(): number {
    return this.#offset;
  }

  /** Groups of lane buckets that its blocks are kept apart by; 1: none, or not known yet. */
  get laneGroups(): number {
    return this.#laneGroups;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * Which part of which recording it is, once its file header is whole.
   *
   * @throws ERR_SOCKFLOW_RECORDING_DAMAGED, ERR_SOCKFLOW_RECORDING_READ, as `next` does
   */
  identify(): string | undefined {
    return this.#isOpen() ? this.#key : undefined;
  }

  read(into: Uint8Array, position: number): number {
    let done = 0;
    while (done < into.length && this.#fd !== undefined) {
      const [fd, from] = [this.#fd, done];
      const got = readSystem(this.path, () =>
        readSync(fd, into, from, into.length - from, position + from),
      );
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  /**
   * The next whole block, or that there is none yet, or none any more.
   *
   * @throws ERR_SOCKFLOW_RECORDING_REPLACED where the file was cut short, removed, or has another one in its place
   * @throws ERR_SOCKFLOW_RECORDING_DAMAGED where no frame follows the one before
   */
  next(): GrownBlock | typeof PART_WAITS | typeof PART_ENDS {
    if (this.#isDone) return PART_ENDS;
    if (!this.#isOpen()) return PART_WAITS;
    for (;;) {
      const header = this.#wholeFrame();
      if (header === undefined) return this.#atEnd();
      this.#offset = header.offset + header.headerBytes + header.bodyBytes;
      if (header.type === FrameType.TRAILER) {
        this.#isDone = true;
        return PART_ENDS;
      }
      if (header.type === FrameType.BLOCK) return { header, origin: this.#originOf(header) };
      if (header.type === FrameType.ORIGIN) this.#takeOrigin(header);
      else if (header.type !== FrameType.INDEX && (header.flags & SKIPPABLE_FLAG) === 0) {
        throw this.#damaged(`has a frame of type ${header.type} that this version does not know`);
      }
    }
  }

  close(): void {
    if (this.#fd !== undefined && this.#input.fd === undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Opens it under the name that it has now, and reads the file header once that is whole. */
  #isOpen(): boolean {
    if (this.#identity !== undefined) return true;
    if (this.#input.fd === undefined) this.#closeStale();
    this.#fd ??= openEither(this.path);
    if (this.#fd === undefined) return false;
    this.#look();
    const start = Buffer.alloc(PREAMBLE_BYTES);
    if (this.#sizeBytes < PREAMBLE_BYTES && !this.#input.isEnded()) return false;
    this.read(start, 0);
    const headerBytes = start.readUInt32LE(PREAMBLE.headerBytesOffset);
    const isWhole = this.#sizeBytes >= headerBytes || this.#input.isEnded();
    if (!isWhole && hasFileMagic(start) && headerBytes <= MAX_FILE_HEADER_BYTES) return false;
    const { preamble, isDamaged } = readFileHeader(this);
    if (preamble === undefined) {
      if (isDamaged) throw this.#damaged('has a damaged file header, and is still written');
      return false;
    }
    this.#identity = identityBytes(preamble.identity);
    this.#key = `${preamble.identity.recordingId}/${preamble.identity.part}`;
    this.#laneGroups = Math.max(1, preamble.laneGroups);
    this.#offset = preamble.headerBytes;
    return true;
  }

  /** A writer removes what has no whole file header and makes another file of that name: of the first one nothing was read, so it is let go. */
  #closeStale(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    const { nlink, ino } = readSystem(this.path, () => fstatSync(fd));
    if (nlink > 0 && this.#namedInodes().includes(ino)) return;
    this.close();
  }

  /** The frame behind what was read, where it is whole with its body. */
  #wholeFrame(): FrameHeader | undefined {
    if (this.#sizeBytes - this.#offset < HEADER_BYTES) this.#look();
    const availableBytes = this.#sizeBytes - this.#offset;
    if (availableBytes < 64) return undefined;
    const header = readFrameHeader(this, this.#offset);
    if (header === undefined || !isOfPart(header, this.#identity as Buffer)) {
      // The end of a part is shorter than a block's header.
      if (availableBytes < HEADER_BYTES && !this.#input.isEnded()) return undefined;
      throw this.#damaged('has no whole frame there');
    }
    const end = this.#offset + header.headerBytes + header.bodyBytes;
    if (end > this.#sizeBytes) this.#look();
    return end > this.#sizeBytes ? undefined : header;
  }

  #atEnd(): typeof PART_WAITS | typeof PART_ENDS {
    const { fd } = this.#input;
    if (fd === undefined) this.#refuseOther();
    if (!this.#input.isEnded()) return PART_WAITS;
    const knownBytes = this.#sizeBytes;
    this.#look();
    if (this.#sizeBytes > knownBytes) return PART_WAITS;
    throw this.#damaged('ends there, without its end');
  }

  #look(): void {
    const { size, ino } = readSystem(this.path, () => fstatSync(this.#fd as number));
    if (size < this.#offset) {
      throw this.#replaced(`was cut to ${size} bytes, of which ${this.#offset} were read`);
    }
    this.#sizeBytes = size;
    this.#inode = ino;
  }

  /** Its writer gives it another name at its end; that is not another file. The unfinished name is looked at first: where it has gone, the final one is there. */
  #refuseOther(): void {
    const inodes = this.#namedInodes();
    if (inodes.includes(this.#inode)) return;
    const what = inodes.every((inode) => inode === undefined)
      ? 'was removed'
      : 'was replaced by another file';
    throw this.#replaced(`${what} while it was followed`);
  }

  /** Of the unfinished name and the final one, in this order. */
  #namedInodes(): readonly (number | undefined)[] {
    return [this.path + UNFINISHED_SUFFIX, this.path].map(
      (name) => readSystem(name, () => statSync(name, { throwIfNoEntry: false }))?.ino,
    );
  }

  #takeOrigin(frame: FrameHeader): void {
    const body = Buffer.alloc(frame.bodyBytes);
    this.read(body, frame.offset + frame.headerBytes);
    if (crc32(body) !== frame.bodyCrc || this.#origins.has(frame.originNumber)) return;
    const origin = parseOrigin(body.toString('utf8'));
    if (origin !== undefined) this.#origins.set(frame.originNumber, origin);
  }

  #originOf({ originNumber }: FrameHeader): Origin {
    const origin = this.#origins.get(originNumber);
    if (origin === undefined) throw this.#damaged('has a block whose origin is not in it');
    return origin;
  }

  #replaced(what: string): SourceError {
    return new SourceError('ERR_SOCKFLOW_RECORDING_REPLACED', `recording '${this.path}' ${what}`, {
      details: { path: this.path, readBytes: this.#offset },
      remedy: 'Every whole block before was given; follow the new file with a new run',
    });
  }

  #damaged(what: string): SourceError {
    return new SourceError(
      'ERR_SOCKFLOW_RECORDING_DAMAGED',
      `recording '${this.path}' ${what}: at byte ${this.#offset}`,
      {
        details: { path: this.path, offset: this.#offset },
        remedy: 'Every whole block before was given; replay the file when it is complete',
      },
    );
  }
}

function openEither(path: string): number | undefined {
  for (const name of [path, path + UNFINISHED_SUFFIX, path]) {
    try {
      return openSync(name, 'r');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT') throw unreadable(name, error);
    }
  }
  return undefined;
}
