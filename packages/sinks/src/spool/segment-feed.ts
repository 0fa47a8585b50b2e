import {
  type Chunk,
  openSegmentReader,
  type SegmentReader,
  type UnreadableChunk,
} from './segment-reader.ts';
import type { Segment } from './spool-log.ts';

/** Reads what is due from segments; one is open at a time. */
export class SegmentFeed {
  #segment: Segment | undefined;
  #reader: SegmentReader | undefined;

  constructor() {
    this.#segment = undefined;
    this.#reader = undefined;
  }

  /** What a whole segment holds from an item of the lane on. A segment that ends before it says is damaged. */
  chunkAt(segment: Segment, item: number): Chunk | UnreadableChunk {
    if (this.#segment !== segment) {
      this.close();
      this.#reader = openSegmentReader(segment.kind, segment.path);
      this.#segment = segment;
    }
    const chunk = this.#reader?.chunkAt(segment.skipped + item - segment.start);
    return chunk ?? { input: undefined, items: segment.end - item, events: 0 };
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#segment = undefined;
  }
}
