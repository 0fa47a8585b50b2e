import { isKnownCompression } from '../compression/compression-options.ts';
import { SourceError } from '../errors.ts';
import {
  type FrameHeader,
  identityBytes,
  type PartIdentity,
  readU64,
} from '../format/frame-header.ts';
import { BLOCK, FrameType, SKIPPABLE_FLAG, TRAILER } from '../format/layout.ts';
import { areCountsSound } from './block-counts.ts';
import { lengthsFit } from './block-lengths.ts';
import type { BlockTable } from './block-table.ts';
import type { Damage, DamageKind } from './damage.ts';

/** Damage with its place among the blocks of its part. */
export interface PartDamage extends Damage {
  /** Blocks of the part that lie before it. */
  readonly beforeBlock: number;
}

interface Hole {
  readonly kind: DamageKind;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly beforeBlock: number;
  events: number | undefined;
}

/**
 * The frames of one part as a reader comes upon them, from the index or by scanning: which blocks there are, and what is lost between them.
 */
export class PartFrames {
  readonly identity: PartIdentity;
  readonly identityBytes: Buffer;
  readonly path: string;
  /** Headers of the blocks that can be read, in order; those of `table` not among them. */
  readonly blocks: FrameHeader[] = [];
  /** All blocks, where they were taken from an index in which nothing is unusual. */
  table: BlockTable | undefined;
  /** All copies of origins, in order. */
  readonly origins: FrameHeader[] = [];
  /** Whether the INDEX or TRAILER was seen: then no block comes any more. */
  isComplete = false;
  /** Where the INDEX is, if it was seen. */
  indexOffset: number | undefined;
  readonly #holes: Hole[] = [];
  #events = 0;
  #blocksSeen = 0;
  #hasOpenHole = false;

  constructor(path: string, identity: PartIdentity) {
    this.path = path;
    this.identity = identity;
    this.identityBytes = identityBytes(identity);
  }

  /** @throws ERR_SOCKFLOW_RECORDING_VERSION for a frame that must be understood and is not */
  add(frame: FrameHeader): void {
    switch (frame.type) {
      case FrameType.ORIGIN:
        this.origins.push(frame);
        return;
      case FrameType.BLOCK:
        this.#addBlock(frame);
        return;
      case FrameType.INDEX:
        this.isComplete = true;
        this.indexOffset = frame.offset;
        return;
      case FrameType.TRAILER:
        this.#addTrailer(frame);
        return;
      default:
        if ((frame.flags & SKIPPABLE_FLAG) !== 0) return;
        throw new SourceError(
          'ERR_SOCKFLOW_RECORDING_VERSION',
          `recording '${this.path}' has a frame of type ${frame.type} at byte ${frame.offset} that this version does not know`,
          {
            details: { path: this.path, offset: frame.offset, frameType: frame.type },
            remedy: 'Read it with a newer version of sockflow',
          },
        );
    }
  }

  /** Notes bytes in which no whole frame was found. */
  addHole(kind: 'frames' | 'cut', startOffset: number, endOffset: number): void {
    this.#pushHole(kind, startOffset, endOffset, undefined);
    this.#hasOpenHole = true;
  }

  /** Notes a frame whose header is whole and whose body is not all there. */
  addCutFrame(frame: FrameHeader, fileBytes: number): void {
    if (frame.type === FrameType.BLOCK) {
      this.#closeHoles(readU64(frame.bytes, BLOCK.eventsBeforeOffset));
      this.#pushHole('cut', frame.offset, fileBytes, blockEvents(frame));
      return;
    }
    this.add(frame);
    if (!this.isComplete) this.addHole('cut', frame.offset, fileBytes);
  }

  /** @returns what is damaged, in its order. */
  damage(): PartDamage[] {
    return this.#holes.map((hole) => ({
      ...hole,
      path: this.path,
      ...(hole.kind === 'cut' ? { isLowerBound: true } : {}),
    }));
  }

  #addBlock(frame: FrameHeader): void {
    const { bytes } = frame;
    const events = blockEvents(frame);
    const stated = readU64(bytes, BLOCK.eventsBeforeOffset);
    const eventsBefore = Number.isSafeInteger(stated) ? stated : this.#events;
    this.#closeHoles(stated);
    this.#events = eventsBefore + events;
    this.#blocksSeen++;
    const end = frame.offset + frame.headerBytes + frame.bodyBytes;
    if (!isKnownCompression(bytes.readUInt32LE(BLOCK.compressionOffset))) {
      this.#pushHole('compression', frame.offset, end, events);
    } else if (
      !lengthsFit(
        bytes.readUInt32LE(BLOCK.compressionOffset),
        bytes.readUInt32LE(BLOCK.payloadBytesOffset),
        bytes.readUInt32LE(BLOCK.storedBytesOffset),
        frame.bodyBytes,
      )
    ) {
      this.#pushHole('block', frame.offset, end, events);
    } else if (!areCountsSound((offset) => bytes.readUInt32LE(offset))) {
      this.#pushHole('counts', frame.offset, end, events);
    } else {
      this.blocks.push(frame);
    }
  }

  #addTrailer({ bytes }: FrameHeader): void {
    this.isComplete = true;
    const isAllThere = bytes.readUInt32LE(TRAILER.blocksOffset) === this.#blocksSeen;
    const events = readU64(bytes, TRAILER.eventsOffset);
    if (isAllThere || events > this.#events) this.#closeHoles(events);
  }

  #pushHole(
    kind: DamageKind,
    startOffset: number,
    endOffset: number,
    events: number | undefined,
  ): void {
    const beforeBlock = this.blocks.length;
    this.#holes.push({ kind, startOffset, endOffset, beforeBlock, events });
  }

  /** F8: what the blocks in the holes so far held is known once the next block, or the TRAILER, says how many events come before it. */
  #closeHoles(eventsBefore: number): void {
    // More than can be counted was never there: how many are lost stays unknown.
    if (!this.#hasOpenHole || !Number.isSafeInteger(eventsBefore)) return;
    let lost = Math.max(0, eventsBefore - this.#events);
    for (const hole of this.#holes) {
      if (hole.events !== undefined) continue;
      hole.events = lost;
      lost = 0;
    }
    this.#hasOpenHole = false;
  }
}

/** Events that a block's header states. */
export function blockEvents({ bytes }: FrameHeader): number {
  const markers =
    bytes.readUInt32LE(BLOCK.kindCountsOffset + 16) +
    bytes.readUInt32LE(BLOCK.kindCountsOffset + 20);
  return Math.max(0, bytes.readUInt32LE(BLOCK.slotsOffset) - markers);
}
