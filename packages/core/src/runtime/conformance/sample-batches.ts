import type { Batch } from '../../batch/batch.ts';
import type { Plan } from '../../contracts/filter.ts';
import { PlanRunner } from '../../operators/plan/plan-runner.ts';
import { Op } from '../../schema/op.ts';
import { SLOT_WORDS } from '../../slot/layout.ts';
import { SlotMemory } from '../../slot/slot-memory.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { writeContextEvent } from '../../slot/write-context-event.ts';
import { writeLossMarker } from '../../slot/write-marker.ts';

const TS_BIG = 2;
const RTT_ONLY: Plan = [{ type: 'op', ops: [Op.RTT_CB] }];
/** What the memory holds once a batch is over: no slot, and no text. */
const OTHER_BYTES = 0xa5;

/**
 * Batches as a lane gives them, all of the same memory: every event has a time of its own, so that it is known again; a loss marker is in the middle; every other
 * batch has only half of its slots selected.
 */
export class SampleBatches {
  readonly #span: SlotSpan;
  readonly #runners: readonly PlanRunner[];
  readonly #events: number;
  readonly #original: Uint8Array;
  #before: Uint8Array;
  #runner: PlanRunner | undefined;
  #batches: number;
  #lastTsNs: bigint;

  constructor(events: number) {
    this.#events = events;
    this.#span = sampleSpan(events);
    this.#original = this.#span.memory.u8.slice();
    this.#before = this.#original;
    const context = { lane: 0, lanes: 1, views: 'checked' } as const;
    this.#runners = [new PlanRunner([], context), new PlanRunner(RTT_ONLY, context)];
    this.#runner = undefined;
    this.#batches = 0;
    this.#lastTsNs = 0n;
  }

  /** The next batch; the one before must be over. */
  next(): Batch {
    const { memory } = this.#span;
    memory.u8.set(this.#original);
    for (let slot = 0; slot <= this.#events; slot++) {
      memory.big[(slot * SLOT_WORDS) / 2 + TS_BIG] = ++this.#lastTsNs;
    }
    this.#before = memory.u8.slice();
    this.#runner = this.#runners[this.#batches++ % this.#runners.length];
    if (this.#runner === undefined) throw new Error('there is no runner');
    return this.#runner.run(this.#span);
  }

  /**
   * Ends the batch: whoever reads a view of it fails, whoever reads its memory finds other bytes.
   *
   * @returns whether its memory was as it had been given
   */
  end(): boolean {
    this.#runner?.release();
    const { u8 } = this.#span.memory;
    const isSame = this.#before.every((byte, index) => u8[index] === byte);
    u8.fill(OTHER_BYTES);
    return isSame;
  }
}

function sampleSpan(events: number): SlotSpan {
  const memory = SlotMemory.allocate((events + 1) * SLOT_WORDS * 4);
  const middle = Math.floor(events / 2);
  for (let slot = 0; slot <= events; slot++) {
    if (slot === middle) writeMarker(memory, slot * SLOT_WORDS);
    else writeEvent(memory, slot);
  }
  return {
    memory,
    startWord: 0,
    endWord: (events + 1) * SLOT_WORDS,
    origin: { id: 'conformance' },
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: true,
    endTimeUs: events,
  };
}

function writeEvent(memory: SlotMemory, slot: number): void {
  writeContextEvent(memory, slot * SLOT_WORDS, {
    op: slot % 2 === 0 ? Op.STATE_CB : Op.RTT_CB,
    family: 2,
    cookie: BigInt(slot + 1),
    netns_cookie: 1n,
    ts_boot_ns: 0n,
    local_port: 80,
    remote_port: 443 * 65536,
    is_fullsock: 1,
    state: 1,
    args: [1, 4, 0, 0],
    has_skb: 0,
  });
}

function writeMarker(memory: SlotMemory, word: number): void {
  writeLossMarker(memory, word, {
    tsNs: 0n,
    gapStartNs: 0n,
    lostRingFull: 3,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  });
}
