import { ConfigError, SchemaError } from '../../errors.ts';
import type { ContextEvent } from '../../schema/generated/context-event.ts';
import { laneOf } from '../../schema/lane-key.ts';
import { SlotMemory } from '../slot-memory.ts';
import { NO_ROOM, writeContextEvent } from '../write-context-event.ts';
import { writeLossMarker } from '../write-marker.ts';
import type { RingMemory } from './ring-memory.ts';
import { RING_CLOSED, RingProducer } from './ring-producer.ts';

/** What became of an event: taken; not taken, for want of room; not taken, because its lane is gone. */
export type PutResult = 'taken' | 'full' | 'closed';

/** Settings of {@link EventProducer}. */
export interface EventProducerOptions {
  /** Presence bits of the fields that the source can read at all, as in the origin; all where not given. */
  readonly captured?: bigint;
}

/* A slot may be this long at most: half a ring of the usual size is longer. */
const SCRATCH_BYTES = 65536;
/* Publishing costs about as much as filling a slot; per 64 it no longer shows. */
const SLOTS_PER_PUBLISH = 64;
const MARKER_BYTES = 256;

/**
 * What a source in another thread writes its events with: one ring a lane, each event into the ring of its connection's lane, as slots.
 *
 * Two ways to meet a full ring. A producer that can wait uses `tryPut` and, on `full`, `waitForRoom`. One that cannot uses `put`: the event is lost, counted,
 * and a loss marker says so in its place in the stream, before the next event of that lane.
 */
export class EventProducer {
  readonly #lanes: readonly LaneEnd[];
  readonly #captured: bigint | undefined;
  readonly #scratch: SlotMemory;
  #fullLane: LaneEnd | undefined;

  /** `rings`: one a lane, in the order of the lanes. */
  constructor(rings: readonly RingMemory[], options: EventProducerOptions = {}) {
    if (rings.length === 0) {
      throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'expected a ring a lane, found none');
    }
    this.#lanes = rings.map((memory, lane) => new LaneEnd(memory, lane));
    this.#captured = options.captured;
    this.#scratch = SlotMemory.allocate(SCRATCH_BYTES);
    this.#fullLane = undefined;
  }

  /** Events lost by {@link put} so far. */
  get lost(): number {
    let lost = 0;
    for (const lane of this.#lanes) lost += lane.lost;
    return lost;
  }

  /**
   * Writes an event, or loses and counts it.
   *
   * @throws ERR_SOCKFLOW_FIELD_RANGE, ERR_SOCKFLOW_FIELD_MISSING for an event that fits no slot
   */
  put(event: ContextEvent): PutResult {
    const bytes = this.#encode(event);
    const lane = this.#laneOfScratch();
    const result = lane.put(this.#scratch, bytes);
    if (result === 'full') lane.lose(this.#scratch);
    return result;
  }

  /**
   * Writes an event where there is room for it; where not, nothing is lost yet: wait for room and try again.
   *
   * @throws ERR_SOCKFLOW_FIELD_RANGE, ERR_SOCKFLOW_FIELD_MISSING for an event that fits no slot
   */
  tryPut(event: ContextEvent): PutResult {
    const bytes = this.#encode(event);
    const lane = this.#laneOfScratch();
    const result = lane.put(this.#scratch, bytes);
    if (result === 'full') this.#fullLane = lane;
    return result;
  }

  /** Resolves when the event that `tryPut` refused last may fit, or after `timeoutMs`. */
  async waitForRoom(timeoutMs: number): Promise<void> {
    // Lanes with room are not to wait for the one without.
    this.flush();
    await this.#fullLane?.producer.waitForRoom(timeoutMs);
  }

  /** Makes visible what was written and not published yet; do it whenever nothing more is at hand. It happens by itself every 64 events of a lane. */
  flush(): void {
    for (const lane of this.#lanes) lane.flush();
  }

  /** Says that no event older than `timeUs` (us since boot) will come: moves the clocks of silent lanes on. */
  advanceTime(timeUs: number): void {
    for (const lane of this.#lanes) lane.producer.advanceTime(timeUs);
  }

  /** Waits until the last loss markers have room, then ends every ring. */
  async end(timeoutMs: number): Promise<void> {
    this.flush();
    const untilMs = performance.now() + timeoutMs;
    for (const lane of this.#lanes) {
      while (lane.tryMark() === 'full' && performance.now() < untilMs) {
        await lane.producer.waitForRoom(Math.max(1, untilMs - performance.now()));
      }
      lane.producer.end();
    }
  }

  #encode(event: ContextEvent): number {
    const bytes = writeContextEvent(this.#scratch, 0, event, { captured: this.#captured });
    if (bytes !== NO_ROOM) return bytes;
    throw new SchemaError(
      'ERR_SOCKFLOW_FIELD_RANGE',
      `expected an event whose slot takes at most ${SCRATCH_BYTES} bytes, found sections that need more`,
      {
        details: { field: 'sections', maxBytes: SCRATCH_BYTES },
        remedy: 'Leave sections out, or write the slot yourself with RingProducer.',
      },
    );
  }

  #laneOfScratch(): LaneEnd {
    return this.#lanes[laneOf(this.#scratch.u32[11]!, this.#lanes.length)]!;
  }
}

/** One lane's ring with what was lost on the way into it. */
class LaneEnd {
  readonly producer: RingProducer;
  readonly #lane: number;
  #unpublished: number;
  #unmarked: number;
  #gapStartNs: bigint;
  #gapEndNs: bigint;
  lost: number;

  constructor(memory: RingMemory, lane: number) {
    this.producer = new RingProducer(memory);
    this.#lane = lane;
    this.#unpublished = 0;
    this.#unmarked = 0;
    this.#gapStartNs = 0n;
    this.#gapEndNs = 0n;
    this.lost = 0;
  }

  put(scratch: SlotMemory, bytes: number): PutResult {
    // The marker comes first: an event behind a gap that nobody was told of would hide the gap.
    if (this.#unmarked !== 0) {
      const marked = this.tryMark();
      if (marked !== 'taken') return marked;
    }
    const word = this.producer.tryClaim(bytes);
    if (word < 0) return refusal(word);
    // The claim's length word keeps its BUSY; the scratch slot's is not copied.
    this.producer.memory.u32.set(scratch.u32.subarray(1, bytes / 4), word + 1);
    this.#submit(word);
    return 'taken';
  }

  lose(scratch: SlotMemory): void {
    const tsNs = scratch.big[2]!;
    if (this.#unmarked === 0) this.#gapStartNs = tsNs;
    this.#gapEndNs = tsNs;
    this.#unmarked++;
    this.lost++;
  }

  /** Writes the marker of what was lost, where anything was. */
  tryMark(): PutResult {
    if (this.#unmarked === 0) return 'taken';
    const word = this.producer.tryClaim(MARKER_BYTES);
    if (word < 0) return refusal(word);
    const { u32 } = this.producer.memory;
    const lengthWord = u32[word]!;
    writeLossMarker(this.producer.memory, word, {
      tsNs: this.#gapEndNs,
      gapStartNs: this.#gapStartNs,
      lostRingFull: this.#unmarked,
      lostShedFirst: 0,
      lostShedLast: 0,
      lostDamaged: 0,
      lane: this.#lane,
    });
    u32[word] = lengthWord;
    this.#unmarked = 0;
    this.#submit(word);
    return 'taken';
  }

  flush(): void {
    this.#unpublished = 0;
    this.producer.publish();
  }

  #submit(word: number): void {
    this.producer.submit(word);
    if (++this.#unpublished >= SLOTS_PER_PUBLISH) this.flush();
  }
}

function refusal(word: number): PutResult {
  return word === RING_CLOSED ? 'closed' : 'full';
}
