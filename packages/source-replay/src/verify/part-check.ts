/*
 * Walks one part from its first byte to its last, frame by frame as they lie there, the index not asked: what a reader takes from the index is checked too. One pass, and memory of one
 * block: sums and checksums of what came before are carried along.
 */
import { crc32 } from 'node:zlib';

import {
  type FrameHeader,
  identityBytes,
  isOfPart,
  readIdentity,
  readU64,
} from '../format/frame-header.ts';
import { BLOCK, FRAME, FrameType, PREAMBLE_BYTES, TRAILER } from '../format/layout.ts';
import { parseOrigin } from '../format/origin-text.ts';
import type { RandomAccessFile } from '../reader/random-access-file.ts';
import { findFrame } from '../reader/scan-frames.ts';
import { BlockCheck } from './block-check.ts';
import { checkFileHeader, type ReportFault } from './check-file-header.ts';
import type { FormatFinding, InvariantId } from './invariants.ts';
import { findFrameAt, hex32 } from './read-frame.ts';

const READ_BYTES = 1 << 20;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [FrameType.ORIGIN]: 'ORIGIN',
  [FrameType.BLOCK]: 'BLOCK',
  [FrameType.INDEX]: 'INDEX',
  [FrameType.TRAILER]: 'TRAILER',
};

/** What was gone through. */
export interface PartCounts {
  readonly frames: number;
  readonly blocks: number;
  /** Blocks whose slots were checked. */
  readonly blocksRead: number;
  readonly events: number;
  readonly markers: number;
  /** Whether INDEX and TRAILER are there. */
  readonly isClosed: boolean;
}

/** Where findings go, and who is told how far it is. */
export interface PartCheckOptions {
  readonly onFinding: (finding: FormatFinding) => void;
  readonly onProgress: (bytes: number, events: number) => void;
}

/** Checks one part; see the head of this file. */
export class PartCheck {
  readonly #file: RandomAccessFile;
  readonly #options: PartCheckOptions;
  readonly #blockCheck = new BlockCheck();
  readonly #buffer: Buffer;
  /** By number: CRC and length of the first copy's body. */
  readonly #origins = new Map<number, string>();
  #identity: Buffer | undefined;
  #laneGroups = 1;
  #frames = 0;
  #nextNumber = 0;
  #blocks = 0;
  #blocksRead = 0;
  #events = 0;
  #markers = 0;
  /** Of the headers of all frames before the INDEX. */
  #headersCrc = 0;
  #headersBytes = 0;
  #indexOffset: number | undefined;
  #hasTrailer = false;
  /** Whether frames are missing: what the rest says of their number is then not known to be wrong. */
  #hasHole = false;
  /** Whether the file ends within a frame, or in bytes that are none: that is told. */
  #endsInDamage = false;

  constructor(file: RandomAccessFile, options: PartCheckOptions) {
    this.#file = file;
    this.#buffer = Buffer.alloc(Math.min(READ_BYTES, file.sizeBytes));
    this.#options = options;
  }

  /** @param isUnfinished whether it has its unfinished name: then it need not have an end */
  check(isUnfinished: boolean): PartCounts {
    const preamble = checkFileHeader(this.#file, this.#reporter(undefined, 'file header', 0));
    if (preamble !== undefined) {
      this.#identity = identityBytes(preamble.identity);
      this.#laneGroups = preamble.laneGroups;
    }
    let offset = preamble?.headerBytes ?? this.#firstFrameOffset();
    while (offset < this.#file.sizeBytes) offset = this.#next(offset);
    this.#checkEnd(isUnfinished);
    return {
      frames: this.#frames,
      blocks: this.#blocks,
      blocksRead: this.#blocksRead,
      events: this.#events,
      markers: this.#markers,
      isClosed: this.#hasTrailer,
    };
  }

  #firstFrameOffset(): number {
    return findFrame(this.#file, PREAMBLE_BYTES, undefined)?.offset ?? this.#file.sizeBytes;
  }

  /** @returns where the next frame is to be. */
  #next(offset: number): number {
    const { frame, fault } = findFrameAt(this.#file, offset);
    const place =
      frame === undefined ? 'no frame' : (TYPE_NAMES[frame.type] ?? `type ${frame.type}`);
    const report = this.#reporter(frame?.number, place, offset);
    if (fault !== undefined) report(fault.invariant, fault.expected, fault.found);
    if (frame === undefined) return this.#passHole(offset);
    this.#checkFrame(frame, fault !== undefined, report);
    const end = offset + frame.headerBytes + frame.bodyBytes;
    this.#options.onProgress(Math.min(end, this.#file.sizeBytes), this.#events);
    return end;
  }

  /** Numbers and sums go on from what the next whole frame says: one hole is one finding. */
  #passHole(offset: number): number {
    const next = findFrame(this.#file, offset + 64, this.#identity);
    this.#endsInDamage = next === undefined;
    if (next === undefined) return this.#file.sizeBytes;
    this.#nextNumber = next.number;
    this.#hasHole = true;
    return next.offset;
  }

  #checkFrame(frame: FrameHeader, isMisplaced: boolean, report: ReportFault): void {
    this.#identity ??= identityBytes(readIdentity(frame.bytes, FRAME.identityOffset));
    if (!isMisplaced && !isOfPart(frame, this.#identity)) {
      const { recordingId, part, parts } = readIdentity(frame.bytes, FRAME.identityOffset);
      report(
        'F3',
        'the recording, part and schema of the file',
        `${recordingId}, part ${part} of ${parts}`,
      );
    }
    if (frame.number !== this.#nextNumber)
      report('F4', `frame ${this.#nextNumber}`, `${frame.number}`);
    this.#nextNumber = frame.number + 1;
    this.#frames++;
    if (this.#hasTrailer) report('F4', 'nothing behind the TRAILER', 'a frame');
    else if (this.#indexOffset !== undefined && frame.type !== FrameType.TRAILER) {
      report('F4', 'a TRAILER behind the INDEX', 'another frame');
    }
    const end = frame.offset + frame.headerBytes + frame.bodyBytes;
    const isCut = end > this.#file.sizeBytes;
    this.#endsInDamage = isCut;
    if (isCut)
      report('F4', `a body to byte ${end}`, `the end of the file at ${this.#file.sizeBytes}`);
    // What states another place is not looked into: nothing says which of the two is right.
    const isWhole = !isCut && this.#isBodyWhole(frame, report) && !isMisplaced;
    switch (frame.type) {
      case FrameType.ORIGIN:
        this.#checkOrigin(frame, isWhole, report);
        break;
      case FrameType.BLOCK:
        this.#checkBlock(frame, isWhole, report);
        break;
      case FrameType.INDEX:
        this.#checkIndex(frame, report);
        break;
      case FrameType.TRAILER:
        this.#checkTrailer(frame, report);
        break;
      default:
    }
    this.#headersCrc = crc32(frame.bytes, this.#headersCrc);
    this.#headersBytes += frame.headerBytes;
  }

  /** F2 */
  #isBodyWhole(frame: FrameHeader, report: ReportFault): boolean {
    let crc = 0;
    const start = frame.offset + frame.headerBytes;
    for (let done = 0; done < frame.bodyBytes; done += READ_BYTES) {
      const piece = this.#buffer.subarray(0, frame.bodyBytes - done);
      this.#file.read(piece, start + done);
      crc = crc32(piece, crc);
    }
    if (crc === frame.bodyCrc) return true;
    report('F2', `body CRC ${hex32(frame.bodyCrc)}`, hex32(crc));
    return false;
  }

  #checkOrigin(frame: FrameHeader, isWhole: boolean, report: ReportFault): void {
    const { originNumber, bodyCrc, bodyBytes } = frame;
    const known = this.#origins.get(originNumber);
    const body = `${bodyCrc}/${bodyBytes}`;
    if (known !== undefined) {
      if (known !== body)
        report('F5', `the same body as the first copy of origin ${originNumber}`, 'another');
      return;
    }
    if (originNumber !== this.#origins.size && !this.#hasHole) {
      report('F5', `origin ${this.#origins.size}`, `${originNumber}`);
    }
    this.#origins.set(originNumber, body);
    if (!isWhole) return;
    const text = Buffer.alloc(bodyBytes);
    this.#file.read(text, frame.offset + frame.headerBytes);
    if (parseOrigin(text.toString('utf8')) === undefined)
      report('F5', 'an origin with its id', 'another text');
  }

  #checkBlock(frame: FrameHeader, isWhole: boolean, report: ReportFault): void {
    if (!this.#origins.has(frame.originNumber) && !this.#hasHole) {
      report('F5', `origin ${frame.originNumber} before its first block`, 'none');
    }
    const before = readU64(frame.bytes, BLOCK.eventsBeforeOffset);
    if (before !== this.#events && !this.#hasHole) {
      report('F8', `${this.#events} events before`, `${before}`);
    }
    if (this.#hasHole) this.#events = before;
    const { events, markers, isRead } = this.#blockCheck.check(
      this.#file,
      frame,
      isWhole,
      this.#laneGroups,
      report,
    );
    this.#blocks++;
    if (isRead) this.#blocksRead++;
    this.#events += events;
    this.#markers += markers;
  }

  /** F10, by length and checksum: an index may be larger than memory. */
  #checkIndex(frame: FrameHeader, report: ReportFault): void {
    if (this.#indexOffset !== undefined) report('F4', 'one INDEX', 'a second');
    this.#indexOffset = frame.offset;
    if (this.#hasHole) return;
    if (frame.bodyBytes !== this.#headersBytes) {
      report('F10', `${this.#headersBytes} bytes of headers`, `${frame.bodyBytes}`);
    } else if (frame.bodyCrc !== this.#headersCrc) {
      report('F10', 'the headers of all frames before it', 'others');
    }
  }

  #checkTrailer({ bytes }: FrameHeader, report: ReportFault): void {
    this.#hasTrailer = true;
    const stated = [
      ['the index at byte', readU64(bytes, TRAILER.indexOffset), this.#indexOffset ?? -1],
      ['blocks', bytes.readUInt32LE(TRAILER.blocksOffset), this.#blocks],
      ['events', readU64(bytes, TRAILER.eventsOffset), this.#events],
      ['markers', readU64(bytes, TRAILER.markersOffset), this.#markers],
    ] as const;
    if (this.#indexOffset === undefined) report('F4', 'an INDEX before the TRAILER', 'none');
    if (this.#hasHole || this.#indexOffset === undefined) return;
    for (const [what, found, expected] of stated) {
      if (found !== expected) report('F10', `${what} ${expected}`, `${found}`);
    }
  }

  #checkEnd(isUnfinished: boolean): void {
    if (isUnfinished || this.#hasTrailer || this.#endsInDamage) return;
    const report = this.#reporter(undefined, 'end of the file', this.#file.sizeBytes);
    report('F4', 'INDEX and TRAILER', 'none: the file was cut, or its writer was killed');
  }

  #reporter(frame: number | undefined, place: string, offset: number): ReportFault {
    return (invariant: InvariantId, expected: string, found: string) =>
      this.#options.onFinding({
        invariant,
        path: this.#file.path,
        frame,
        place,
        offset,
        expected,
        found,
      });
  }
}
