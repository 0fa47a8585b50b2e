import {
  type Batch,
  lendBatch,
  type Origin,
  type Sink,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
  SLOT_WORDS,
  SlotMemory,
  writeClockAnchor,
  writeContextEvent,
} from '@sockflow/core';

/** One slot of a made-up lane. */
export interface MadeEvent {
  readonly tsNs: bigint;
  readonly cookie: bigint;
  /** Tells events of one connection and time apart. */
  readonly number: number;
  readonly isAnchor?: boolean;
}

/** What a lane is given in one turn. */
export interface MadeBatch {
  readonly events: readonly MadeEvent[];
  readonly endTimeUs: number;
}

/** Where a slot's first argument lies: what tells events apart. */
const ARGS_WORD = 24;

export const ORIGIN: Origin = { id: 'made' };

/** Gives a batch to a writer as a lane does: dead once `write` has returned. */
export function give(
  writer: SinkWriter,
  { events, endTimeUs }: MadeBatch,
  origin: Origin = ORIGIN,
): Promise<void> | void {
  const memory = SlotMemory.allocate(Math.max(1, events.length) * SLOT_WORDS * 4);
  const words: number[] = [];
  const markerWords: number[] = [];
  for (const [index, event] of events.entries()) {
    const at = index * SLOT_WORDS;
    (event.isAnchor === true ? markerWords : words).push(at);
    writeEvent(memory, at, event);
  }
  const lent = lendBatch(
    {
      memory,
      words: Uint32Array.from(words),
      size: words.length,
      markerWords: Uint32Array.from(markerWords),
      markerCount: markerWords.length,
    },
    origin,
    endTimeUs,
  );
  const settled = events.length === 0 ? undefined : writer.write(lent.batch);
  lent.release();
  memory.u8.fill(0xee);
  writer.advanceTime?.(origin, endTimeUs);
  return settled;
}

function writeEvent(memory: SlotMemory, word: number, event: MadeEvent): void {
  const { tsNs, cookie, number, isAnchor } = event;
  if (isAnchor === true) {
    writeClockAnchor(memory, word, {
      tsNs,
      realtimeNs: tsNs + 1_000_000n,
      monotonicNs: tsNs,
      uncertaintyNs: 1n,
    });
    return;
  }
  writeContextEvent(memory, word, {
    op: 12,
    family: 2,
    cookie,
    netns_cookie: 1n,
    ts_boot_ns: tsNs,
    local_port: 80,
    remote_port: 443 * 65536,
    is_fullsock: 1,
    state: 1,
    args: [number, 0, 0, 0],
    has_skb: 0,
  });
}

/** An event as the inner sink got it, as text. */
export function textOf({ tsNs, cookie, number, isAnchor }: MadeEvent): string {
  return isAnchor === true ? `${tsNs} anchor` : `${tsNs} ${cookie} ${number}`;
}

/** A sink that keeps what it gets, and settles when it likes. */
export class KeepingSink implements Sink, SinkWriter {
  readonly name = 'keeping';
  readonly accepts = 'batches';
  readonly got: string[] = [];
  readonly opened: { readonly lane: number; readonly lanes: number }[] = [];
  closed: SinkOutcome | undefined;
  acknowledged = 0;
  failed = 0;
  readonly #pause: () => Promise<void> | undefined;

  constructor(pause: () => Promise<void> | undefined = () => undefined) {
    this.#pause = pause;
  }

  open(context: { readonly lane: number; readonly lanes: number }): SinkWriter {
    this.opened.push(context);
    return this;
  }

  flush(): void {}

  close(outcome?: SinkOutcome): SinkReport {
    this.closed = outcome;
    return { location: 'kept' };
  }

  async #settle(settled: Promise<void>, size: number): Promise<void> {
    await settled;
    this.acknowledged += size;
  }

  write(input: unknown): Promise<void> | void {
    const batch = input as Batch;
    const { markers } = batch;
    let marker = 0;
    batch.forEach((event, index) => {
      while (markers[marker]?.beforeIndex === index)
        this.got.push(`${markers[marker++]?.tsNs} anchor`);
      const number = batch.raw.memory.u32[batch.raw.words[index]! + ARGS_WORD];
      this.got.push(`${event.tsNs} ${event.cookie} ${number}`);
    });
    for (; marker < markers.length; marker++) this.got.push(`${markers[marker]?.tsNs} anchor`);
    const settled = this.#pause();
    const { size } = batch;
    if (settled === undefined) {
      this.acknowledged += size;
      return;
    }
    return this.#settle(settled, size);
  }
}
