import { RingError } from '../../errors.ts';
import type { Origin } from '../../schema/origin.ts';
import { SlotMemory } from '../slot-memory.ts';
import type { SlotSpan } from '../slot-span.ts';
import { slotsInDamage } from '../slot-step.ts';
import { type WaitCondition, WakeWord } from '../waiting/wake-word.ts';
import {
  CONSUMER_POSITION_OFFSET,
  CONSUMER_STATE_OFFSET,
  EVENTS_OFFSET,
  PRODUCER_POSITION_OFFSET,
  PRODUCER_STATE_OFFSET,
  REFUSED_OFFSET,
  TIME_OFFSET,
} from './layout.ts';
import type { RingMemory } from './ring-memory.ts';
import { RingWalk } from './ring-walk.ts';
import { U64Word } from './u64-word.ts';

/** Settings of {@link RingConsumer}. */
export interface RingConsumerOptions {
  readonly origin: Origin;
  /** Most slots of a span: what is done with it must fit into the time between two turns of the event loop. */
  readonly maxSlots?: number;
}

/* Their first cache lines, which the walk reads and the scan reads again, stay in a second-level cache: as slots are 256 bytes apart, they share a quarter of its sets. */
const DEFAULT_MAX_SLOTS = 1024;

type MutableSpan = { -readonly [K in keyof SlotSpan]: SlotSpan[K] };

/** The words that a SAB ring has and a kernel ring has not. */
interface SharedWords {
  readonly events: U64Word;
  readonly refused: U64Word;
  readonly time: U64Word;
  readonly producer: WakeWord;
  readonly sleeper: WakeWord;
}

/**
 * The consumer's end of a SAB ring or of a kernel ring, for one thread: peek → read → release.
 *
 * Its spans hold published slots only, so `mayBeBusy` is false in them: the walk that finds their end has seen each length word without BUSY.
 */
export class RingConsumer implements WaitCondition {
  readonly #memory: SlotMemory;
  readonly #type: RingMemory['type'];
  readonly #capacityBytes: number;
  readonly #dataWord: number;
  readonly #maxSlots: number;
  readonly #position: U64Word;
  readonly #producerPosition: U64Word;
  readonly #shared: SharedWords | undefined;
  readonly #walk: RingWalk;
  readonly #span: MutableSpan;
  #takenBytes: number;
  #events: number;
  #markers: number;
  #badBytes: number;
  #badSlots: number;

  constructor(memory: RingMemory, options: RingConsumerOptions) {
    this.#memory = new SlotMemory(memory.data, true);
    this.#type = memory.type;
    this.#capacityBytes = memory.capacityBytes;
    this.#dataWord = memory.dataOffset / 4;
    this.#maxSlots = options.maxSlots ?? DEFAULT_MAX_SLOTS;
    this.#position = new U64Word(memory.consumerPage, CONSUMER_POSITION_OFFSET);
    this.#producerPosition = new U64Word(memory.producerPage, PRODUCER_POSITION_OFFSET);
    this.#shared = memory.type === 'shared' ? sharedWords(memory) : undefined;
    this.#walk = new RingWalk();
    this.#span = {
      memory: this.#memory,
      startWord: 0,
      endWord: 0,
      origin: options.origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: 0,
    };
    this.#takenBytes = 0;
    this.#events = 0;
    this.#markers = 0;
    this.#badBytes = 0;
    this.#badSlots = 0;
  }

  /** Events handed over so far, those of the span now out included. */
  get events(): number {
    return this.#events;
  }

  /** Loss markers and clock anchors handed over so far. */
  get markers(): number {
    return this.#markers;
  }

  /** Bytes that were skipped because they are no slots (S5). */
  get badBytes(): number {
    return this.#badBytes;
  }

  /** What {@link badBytes} count as; the exact number is `publishedEvents - events` once the producer has ended. */
  get badSlots(): number {
    return this.#badSlots;
  }

  /** Events that the producer says it published; `undefined` for a kernel ring. */
  get publishedEvents(): number | undefined {
    return this.#shared?.events.load();
  }

  /** Claims that the producer was refused; `undefined` for a kernel ring, whose program counts them itself. */
  get refused(): number | undefined {
    return this.#shared?.refused.load();
  }

  /** Event time up to which everything has been handed over, us since boot, as far as it is known. */
  get endTimeUs(): number {
    return this.#span.endTimeUs;
  }

  /**
   * The next published slots in one piece, or `undefined` where there are none. The same span again until it is released.
   *
   * VALID UNTIL {@link release}: it is one object, filled anew each time, and its memory is the producer's again afterwards (R8). Read only.
   *
   * ORDER: time → producer position (Atomics.load) → records (plain loads). PAIRS WITH RingProducer.publish, which stores them the other way round: every
   * byte before the position is there (R6), every event up to the time is before the position (R11).
   *
   * @throws ERR_SOCKFLOW_RING_STATE where a position, or a slot of a kernel ring, cannot be
   */
  peek(): SlotSpan | undefined {
    if (this.#takenBytes !== 0) return this.#span;
    for (;;) {
      const timeUs = this.#shared === undefined ? 0 : this.#shared.time.load();
      const availableBytes = this.#availableBytes();
      if (availableBytes === 0) {
        this.#advanceTime(timeUs);
        return undefined;
      }
      const walkedBytes = this.#walkNext(availableBytes);
      if (this.#walk.events !== 0 || this.#walk.markers !== 0) {
        this.#take(walkedBytes, walkedBytes === availableBytes ? timeUs : 0);
        return this.#span;
      }
      if (walkedBytes !== 0) this.#giveBack(walkedBytes);
      else if (this.#walk.isDamaged) this.#skipDamage(availableBytes);
      else return undefined;
    }
  }

  /**
   * Gives the span's memory back to the producer, and wakes it if it waits for room.
   *
   * ORDER: every read of the span → consumer position (Atomics.store). PAIRS WITH the load in RingProducer.tryClaim. Storing it before reading would let
   * the producer write into slots that are being read (R8).
   */
  release(): void {
    if (this.#takenBytes === 0) return;
    this.#giveBack(this.#takenBytes);
    this.#takenBytes = 0;
  }

  /** Whether there is something to peek, or will never be; reads two words at most. */
  isReady(): boolean {
    const availableBytes = this.#availableBytes();
    if (availableBytes === 0) {
      const shared = this.#shared;
      return (
        shared !== undefined && (shared.producer.isClosed || shared.time.load() > this.endTimeUs)
      );
    }
    // A kernel ring whose first slot is being written has nothing yet.
    return (
      this.#type === 'shared' || Atomics.load(this.#memory.u32, this.#startWord()) >>> 31 === 0
    );
  }

  /**
   * Whether the producer has ended and everything was released.
   *
   * ORDER: ended → producer position (Atomics.load both). PAIRS WITH RingProducer.end. The other way round, slots published in between would be lost (R9).
   */
  get isEnded(): boolean {
    return (
      this.#shared !== undefined && this.#shared.producer.isClosed && this.#availableBytes() === 0
    );
  }

  /** Resolves when there may be something to peek, at the producer's end, or after `timeoutMs`. A kernel ring is waited for by its descriptor instead. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#shared === undefined) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        'expected a shared ring to wait for, found a kernel ring',
        {
          remedy: "Wait for the ring's epoll descriptor.",
        },
      );
    }
    await this.#shared.sleeper.sleep(this, timeoutMs);
  }

  /** Nobody will read any more: the producer's claims get RING_CLOSED, a wait under way ends. What is out is released. */
  close(): void {
    this.release();
    this.#shared?.sleeper.close();
    this.#shared?.producer.wake();
  }

  #availableBytes(): number {
    const bytes = (this.#producerPosition.loadLow() - this.#position.low) >>> 0;
    if (bytes > this.#capacityBytes) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        `expected at most ${this.#capacityBytes} bytes between the ring's positions (R3), found ${bytes}`,
        { details: { bytes, capacityBytes: this.#capacityBytes } },
      );
    }
    return bytes;
  }

  #startWord(): number {
    return this.#dataWord + ((this.#position.low & (this.#capacityBytes - 1)) >>> 2);
  }

  #walkNext(availableBytes: number): number {
    const startWord = this.#startWord();
    const untilEndBytes = this.#capacityBytes - (startWord - this.#dataWord) * 4;
    const isKernel = this.#type === 'kernel';
    const linearBytes = isKernel ? availableBytes : Math.min(availableBytes, untilEndBytes);
    const endWord = startWord + linearBytes / 4;
    this.#walk.run(this.#memory.u32, startWord, endWord, this.#maxSlots, isKernel);
    return (this.#walk.endWord - startWord) * 4;
  }

  #take(walkedBytes: number, timeUs: number): void {
    const { events, markers, lastTimeUs, endWord } = this.#walk;
    this.#takenBytes = walkedBytes;
    this.#events += events;
    this.#markers += markers;
    this.#span.startWord = this.#startWord();
    this.#span.endWord = endWord;
    this.#span.mayHoldMarkers = markers !== 0;
    this.#advanceTime(Math.max(lastTimeUs, timeUs));
  }

  #advanceTime(timeUs: number): void {
    if (timeUs > this.#span.endTimeUs) this.#span.endTimeUs = timeUs;
  }

  #giveBack(bytes: number): void {
    this.#position.advance(bytes);
    this.#shared?.producer.wake();
  }

  /** What lies before the producer position cannot be walked. In a SAB ring all of it is the consumer's (R6); in a kernel ring some may still be written. */
  #skipDamage(availableBytes: number): void {
    if (this.#shared === undefined) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        `expected a slot of the kernel ring at position ${this.#position.value}, found length word ${this.#memory.u32[this.#startWord()]!}`,
        { remedy: 'The program and this package must be of one version.' },
      );
    }
    this.#badBytes += availableBytes;
    this.#badSlots += slotsInDamage(availableBytes);
    this.#giveBack(availableBytes);
  }
}

function sharedWords(memory: RingMemory): SharedWords {
  const { consumerPage, producerPage } = memory;
  return {
    events: new U64Word(producerPage, EVENTS_OFFSET),
    refused: new U64Word(producerPage, REFUSED_OFFSET),
    time: new U64Word(producerPage, TIME_OFFSET),
    producer: new WakeWord(new Int32Array(producerPage), PRODUCER_STATE_OFFSET / 4),
    sleeper: new WakeWord(new Int32Array(consumerPage), CONSUMER_STATE_OFFSET / 4),
  };
}
