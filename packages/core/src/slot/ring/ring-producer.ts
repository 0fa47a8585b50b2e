import { RingError } from '../../errors.ts';
import { Kind } from '../../schema/kind.ts';
import {
  BUSY_BIT,
  DISCARD_BIT,
  LENGTH_MASK,
  RING_HEADER_BYTES,
  SLOT_BYTES,
  SLOT_STEP_BYTES,
} from '../layout.ts';
import { SlotMemory } from '../slot-memory.ts';
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
import { U64Word } from './u64-word.ts';

/** No room for the claim; it was counted (R10). */
export const RING_FULL = -1;
/** The consumer is gone: nothing will ever be read. */
export const RING_CLOSED = -2;

/**
 * The producer's end of a SAB ring, for one thread.
 *
 *   claim → fill the record → submit or abandon; publish after each, or after many
 *
 * Several slots may be open at once. They are published in the order of their claims, so one that stays open holds back those behind it.
 */
export class RingProducer implements WaitCondition {
  /** OWNERSHIP: this thread may write to slots that it claimed and has not submitted, and to nothing else. */
  readonly memory: SlotMemory;
  readonly #words: Uint32Array;
  readonly #capacityBytes: number;
  readonly #position: U64Word;
  readonly #consumerPosition: U64Word;
  readonly #events: U64Word;
  readonly #refused: U64Word;
  readonly #time: U64Word;
  readonly #sleeper: WakeWord;
  readonly #consumer: WakeWord;
  #claimedLow: number;
  #consumerLow: number;
  #openSlots: number;
  #newEvents: number;
  #lastWord: number;
  #wantedBytes: number;
  #hasConsumer: boolean;

  constructor(memory: RingMemory) {
    if (memory.type !== 'shared') {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        'expected a shared ring, found a kernel ring: only the kernel produces into it',
      );
    }
    this.memory = new SlotMemory(memory.data);
    this.#words = this.memory.u32;
    this.#capacityBytes = memory.capacityBytes;
    this.#position = new U64Word(memory.producerPage, PRODUCER_POSITION_OFFSET);
    this.#consumerPosition = new U64Word(memory.consumerPage, CONSUMER_POSITION_OFFSET);
    this.#events = new U64Word(memory.producerPage, EVENTS_OFFSET);
    this.#refused = new U64Word(memory.producerPage, REFUSED_OFFSET);
    this.#time = new U64Word(memory.producerPage, TIME_OFFSET);
    this.#sleeper = new WakeWord(new Int32Array(memory.producerPage), PRODUCER_STATE_OFFSET / 4);
    this.#consumer = new WakeWord(new Int32Array(memory.consumerPage), CONSUMER_STATE_OFFSET / 4);
    this.#claimedLow = this.#position.low;
    this.#consumerLow = this.#consumerPosition.loadLow();
    this.#openSlots = 0;
    this.#newEvents = 0;
    this.#lastWord = -1;
    this.#wantedBytes = 0;
    this.#hasConsumer = true;
  }

  /** Events published so far. */
  get events(): number {
    return this.#events.value;
  }

  /** Claims refused so far because the ring was full. */
  get refused(): number {
    return this.#refused.value;
  }

  /**
   * Claims a slot of `bytes` (256 + n * 64, at most half the ring). Its record still holds old bytes: write every word of it.
   *
   * @returns the slot's word index in {@link memory}, {@link RING_FULL} or {@link RING_CLOSED}
   * @throws ERR_SOCKFLOW_RING_CAPACITY for bytes that no slot can have
   */
  tryClaim(bytes: number): number {
    if (bytes < SLOT_BYTES || bytes % SLOT_STEP_BYTES !== 0 || bytes > this.#capacityBytes / 2) {
      throw this.#badSize(bytes);
    }
    if (!this.#hasConsumer) return RING_CLOSED;
    const offset = this.#claimedLow & (this.#capacityBytes - 1);
    const restBytes = this.#capacityBytes - offset;
    // R5: what does not fit before the end begins anew at the start, and the rest is padding.
    const padBytes = bytes <= restBytes ? 0 : restBytes;
    if (!this.#hasRoom(padBytes + bytes)) return this.#refuse(padBytes + bytes);
    const words = this.#words;
    let word = offset >>> 2;
    if (padBytes !== 0) {
      words[word] = (padBytes - RING_HEADER_BYTES) | DISCARD_BIT;
      words[word + 1] = 0;
      word = 0;
    }
    words[word] = (bytes - RING_HEADER_BYTES) | BUSY_BIT;
    words[word + 1] = 0;
    this.#claimedLow = (this.#claimedLow + padBytes + bytes) >>> 0;
    this.#openSlots++;
    return word;
  }

  /** The record of the slot is complete. It becomes visible with the next {@link publish}; from now on it is read only. */
  submit(word: number): void {
    const words = this.#words;
    this.#close(word, 0);
    const kind = words[word + 2]! & 0xff;
    if (kind !== Kind.LOSS_MARKER && kind !== Kind.CLOCK_ANCHOR) this.#newEvents++;
    this.#lastWord = word;
  }

  /** Gives the slot up: it stays as DISCARD, and nobody reads it (S4). */
  abandon(word: number): void {
    this.#close(word, DISCARD_BIT);
  }

  /**
   * Makes visible what was submitted, up to the first slot that is still open, and wakes the consumer if it sleeps. Costs about as much as filling a slot:
   * worth doing per 64 slots where they come fast (bench/src/ring).
   *
   * ORDER: records and length words (plain stores) → producer position (Atomics.store in advance). PAIRS WITH the load of the producer position in
   * RingConsumer.peek: who sees the position sees every byte before it. Storing the position first would show torn records (R6).
   *
   * @returns false where the consumer is gone
   */
  publish(): boolean {
    const bytes = this.#publishableBytes();
    if (bytes !== 0) {
      this.#position.advance(bytes);
      // After the position: where this thread is ended in between, no event is counted that nobody can read.
      this.#events.advance(this.#newEvents);
      this.#newEvents = 0;
      if (this.#lastWord >= 0) this.#storeTime(this.#lastTimeUs());
      this.#lastWord = -1;
    }
    this.#hasConsumer = this.#consumer.wake();
    return this.#hasConsumer;
  }

  /** Says that no event older than `timeUs` (us since boot) will come: moves the lane's clock on while there are no events. Without effect while a slot is open. */
  advanceTime(timeUs: number): void {
    this.publish();
    if (this.#openSlots === 0) this.#storeTime(timeUs);
    this.#consumer.wake();
  }

  /** Whether the claim that was refused last would fit now, or the consumer is gone. */
  isReady(): boolean {
    return this.#hasRoom(this.#wantedBytes) || this.#consumer.isClosed;
  }

  /** Resolves when the claim that was refused last may fit, or after `timeoutMs`. For a producer that can wait, instead of losing events. */
  async waitForRoom(timeoutMs: number): Promise<void> {
    await this.#sleeper.sleep(this, timeoutMs);
  }

  /**
   * Publishes the rest and says that nothing will come any more. Once, and last.
   *
   * ORDER: producer position → ended. PAIRS WITH RingConsumer.isEnded, which loads them the other way round (R9).
   *
   * @throws ERR_SOCKFLOW_RING_STATE where a slot is still open
   */
  end(): void {
    if (this.#openSlots !== 0) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        `expected every claimed slot to be submitted or abandoned at the end, found ${this.#openSlots} open`,
        { remedy: 'Submit or abandon every slot that was claimed.' },
      );
    }
    this.publish();
    this.#sleeper.close();
    this.#consumer.wake();
  }

  /** The consumer's cache line is read only when the ring looks full from what was seen of it last. */
  #hasRoom(bytes: number): boolean {
    const claimedLow = this.#claimedLow;
    if (((claimedLow - this.#consumerLow) >>> 0) + bytes <= this.#capacityBytes) return true;
    // ORDER: consumer position → the stores into the claimed slot. PAIRS WITH the store in RingConsumer.release: the consumer has done with that memory (R8).
    this.#consumerLow = this.#consumerPosition.loadLow();
    return ((claimedLow - this.#consumerLow) >>> 0) + bytes <= this.#capacityBytes;
  }

  #refuse(bytes: number): number {
    this.#wantedBytes = bytes;
    if (!this.publish()) return RING_CLOSED;
    this.#refused.advance(1);
    return RING_FULL;
  }

  #close(word: number, discardBit: number): void {
    const lengthWord = this.#words[word]!;
    if (this.#openSlots === 0 || (lengthWord & BUSY_BIT) === 0) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        `expected a claimed slot at word ${word}, found none`,
        { remedy: 'Submit or abandon a slot once, and only what tryClaim gave.' },
      );
    }
    this.#words[word] = (lengthWord & LENGTH_MASK) | discardBit;
    this.#openSlots--;
  }

  #publishableBytes(): number {
    const claimedBytes = (this.#claimedLow - this.#position.low) >>> 0;
    if (this.#openSlots === 0) return claimedBytes;
    let bytes = 0;
    while (bytes < claimedBytes) {
      const word = ((this.#position.low + bytes) & (this.#capacityBytes - 1)) >>> 2;
      const lengthWord = this.#words[word]!;
      if ((lengthWord & BUSY_BIT) !== 0) break;
      bytes += (lengthWord & LENGTH_MASK) + RING_HEADER_BYTES;
    }
    return bytes;
  }

  #lastTimeUs(): number {
    const words = this.#words;
    return Math.floor(words[this.#lastWord + 5]! * 4294967.296 + words[this.#lastWord + 4]! / 1000);
  }

  /** ORDER: producer position → time. PAIRS WITH RingConsumer.peek, which loads the time first (R11). */
  #storeTime(timeUs: number): void {
    if (timeUs > this.#time.value) this.#time.store(timeUs);
  }

  #badSize(bytes: number): RingError {
    return new RingError(
      'ERR_SOCKFLOW_RING_CAPACITY',
      `expected a slot of ${SLOT_BYTES} + n * ${SLOT_STEP_BYTES} bytes, at most ${this.#capacityBytes / 2} (half the ring), found ${bytes}`,
      { details: { bytes, capacityBytes: this.#capacityBytes } },
    );
  }
}
