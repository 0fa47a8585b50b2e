import {
  type Batch,
  isBatch,
  type Sink,
  type SinkContext,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

/** So far a lane has come: in items, and in the events and values that this run was given. */
export interface Progress {
  readonly item: number;
  readonly events: number;
}

/** Something that the inner writer was given and has not acknowledged. */
interface Unacknowledged {
  /** Where the lane is once it is acknowledged. */
  readonly upTo: Progress;
  /** What the writer then counts, at least. */
  readonly events: number;
  readonly endsWithMarker: boolean;
}

/** How long a writer may take to close, ms: one that has acknowledged everything, and one that is left with what it has. */
const MAX_CLOSE_MS = 30_000;
const MAX_LEAVE_MS = 1000;

/** The writer of the inner sink in this lane, while there is one: what it was given, and how much of that it has acknowledged. */
export class InnerEnd {
  readonly #sink: Sink;
  readonly #context: SinkContext;
  #writer: SinkWriter | undefined;
  #givenEvents: number;
  #unacknowledged: Unacknowledged[];
  #lostEvents: number;
  #lostOfWriter: number;
  #isFlushing: boolean;
  #writes: number;
  #opens: number;
  /** Of the writer before: two at once might want the same file. */
  #leaving: Promise<void> | undefined;

  constructor(sink: Sink, context: SinkContext) {
    this.#sink = sink;
    this.#context = context;
    this.#writer = undefined;
    this.#givenEvents = 0;
    this.#unacknowledged = [];
    this.#lostEvents = 0;
    this.#lostOfWriter = 0;
    this.#isFlushing = false;
    this.#writes = 0;
    this.#opens = 0;
    this.#leaving = undefined;
  }

  get isOpen(): boolean {
    return this.#writer !== undefined;
  }

  /** Whether a write or a flush is under way: until then it is given nothing. */
  get isBusy(): boolean {
    return this.#writes > 0 || this.#isFlushing;
  }

  /** Events that the inner sink says it has lost, without an error. */
  get lostEvents(): number {
    return this.#lostEvents;
  }

  /** @throws what the sink throws; a writer that comes after `leave` is closed again */
  async open(): Promise<void> {
    const attempt = ++this.#opens;
    await this.#leaving;
    const writer = await this.#sink.open(this.#context);
    if (attempt !== this.#opens) {
      await tryClose(writer);
      return;
    }
    this.#writer = writer;
    this.#givenEvents = 0;
    this.#lostOfWriter = 0;
    this.#unacknowledged = [];
    this.#writes = 0;
    this.#isFlushing = false;
  }

  /** @throws, or rejects with, what the writer does */
  give(input: unknown, upTo: Progress): Promise<void> | undefined {
    const writer = this.#writer as SinkWriter;
    const isMarkerLast = isBatch(input) && endsWithMarker(input);
    const events = isBatch(input) ? input.size : 1;
    const settled = writer.write(input);
    this.#givenEvents += events;
    this.#unacknowledged.push({ upTo, events: this.#givenEvents, endsWithMarker: isMarkerLast });
    if (settled === undefined) return undefined;
    this.#writes++;
    return settled.finally(() => {
      if (writer === this.#writer) this.#writes--;
    });
  }

  /** What cannot be given is over when all before it is. */
  skip(upTo: Progress): void {
    this.#unacknowledged.push({ upTo, events: this.#givenEvents, endsWithMarker: false });
  }

  /** How far the writer has come since the last look. */
  look(): Progress | undefined {
    if (this.#writer === undefined) return undefined;
    const { acknowledged } = this.#writer;
    let count = 0;
    for (const { events, endsWithMarker: isOpenEnd } of this.#unacknowledged) {
      // A marker counts nothing: it is there when something behind it is, or after a flush.
      if (acknowledged < events || (isOpenEnd && acknowledged === events)) break;
      count++;
    }
    return this.#passed(count);
  }

  /** When it settles, all that was given before is acknowledged or lost. @returns how far the writer has come */
  async flush(): Promise<Progress | undefined> {
    const writer = this.#writer as SinkWriter;
    this.#isFlushing = true;
    try {
      await writer.flush();
    } finally {
      if (writer === this.#writer) this.#isFlushing = false;
    }
    if (writer !== this.#writer) return undefined;
    this.#lostEvents += writer.failed - this.#lostOfWriter;
    this.#lostOfWriter = writer.failed;
    return this.#passed(this.#unacknowledged.length);
  }

  /** Gives the writer up: it is closed as not complete, in a bounded time. */
  async leave(): Promise<void> {
    const writer = this.#writer;
    this.#opens++;
    this.#writer = undefined;
    this.#unacknowledged = [];
    if (writer !== undefined) this.#leaving = within(MAX_LEAVE_MS, tryClose(writer));
    await this.#leaving;
  }

  /** @returns what the writer says of itself; `undefined` where it took too long */
  async close(outcome: SinkOutcome): Promise<SinkReport | undefined> {
    const writer = this.#writer;
    if (writer === undefined) return undefined;
    const closed = Promise.resolve(writer.close(outcome));
    closed.catch(() => {});
    return within(outcome.isComplete ? MAX_CLOSE_MS : MAX_LEAVE_MS, closed);
  }

  #passed(count: number): Progress | undefined {
    if (count === 0) return undefined;
    const last = this.#unacknowledged[count - 1];
    this.#unacknowledged.splice(0, count);
    return last?.upTo;
  }
}

function endsWithMarker({ raw }: Batch): boolean {
  if (raw.markerCount === 0) return false;
  const lastEvent = raw.size === 0 ? -1 : (raw.words[raw.size - 1] ?? 0);
  return (raw.markerWords[raw.markerCount - 1] ?? 0) > lastEvent;
}

async function tryClose(writer: SinkWriter): Promise<void> {
  try {
    await writer.close({ isComplete: false });
  } catch {
    // It has failed: that is why it is closed.
  }
}

async function within<T>(ms: number, settled: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
