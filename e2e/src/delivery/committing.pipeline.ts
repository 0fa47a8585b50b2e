/*
 * Connections that come and go, from a source that commits, into a file of every event and one of every connection's state: what a killed process loses lies between the two.
 */
import { openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  definePipeline,
  isBatch,
  type LaneSource,
  Op,
  scanConnections,
  type Sink,
  SlotMemory,
  SOURCE_END,
  SOURCE_IDLE,
  type SlotSpan,
  type Source,
  TcpState,
  writeContextEvent,
} from 'sockflow';

export const CONNECTIONS = 40;
/** A connection has so many events, the last of which closes it; the next one begins some ticks later. */
export const EVENTS_OF_EACH = 60;
const TICKS_BETWEEN = 5;
const TICKS = (CONNECTIONS - 1) * TICKS_BETWEEN + EVENTS_OF_EACH;
const TICK_MS = 4;

/** One line for each event, or connection: its cookie, and the event's number or how many events made the state. */
export type DeliveredLine = readonly [cookie: number, number: number];

function committed(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

/** A span for each tick: one event of each connection that is there. It goes on behind the ticks that were committed. */
class TickLane implements LaneSource {
  readonly #path: string;
  readonly #memory = SlotMemory.allocate(CONNECTIONS * 512);
  readonly #start: number;
  #tick: number;
  #isDue = false;

  constructor(path: string) {
    this.#path = path;
    this.#start = committed(path);
    this.#tick = this.#start;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#tick === TICKS) return SOURCE_END;
    if (!this.#isDue) return SOURCE_IDLE;
    this.#isDue = false;
    const endWord = this.#write(this.#tick++);
    return {
      memory: this.#memory,
      startWord: 0,
      endWord,
      origin: { id: 'ticks' },
      endTimeUs: this.#tick * 1000,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
    };
  }

  async wait(): Promise<void> {
    await sleep(TICK_MS);
    this.#isDue = true;
  }

  acknowledge(spans: number): void {
    // Whole or not at all, whenever the process is killed.
    writeFileSync(`${this.#path}.new`, String(this.#start + spans));
    renameSync(`${this.#path}.new`, this.#path);
  }

  async close(): Promise<void> {}

  #write(tick: number): number {
    let word = 0;
    for (let cookie = 1; cookie <= CONNECTIONS; cookie++) {
      const number = tick - (cookie - 1) * TICKS_BETWEEN;
      if (number < 0 || number >= EVENTS_OF_EACH) continue;
      const isLast = number === EVENTS_OF_EACH - 1;
      word +=
        writeContextEvent(this.#memory, word, {
          op: isLast ? Op.STATE_CB : Op.RTT_CB,
          family: 2,
          cookie: BigInt(cookie),
          netns_cookie: 1n,
          ts_boot_ns: BigInt(tick) * 1_000_000n,
          local_port: 80,
          remote_port: 443 * 65536,
          is_fullsock: 1,
          state: 1,
          args: isLast ? [TcpState.ESTABLISHED, TcpState.CLOSE, 0, 0] : [1, 2, 3, 4],
          snd_cwnd: number,
          has_skb: 0,
        }) / 4;
    }
    return word;
  }
}

function ticks(path: string): Source {
  return {
    name: 'ticks',
    reportedOps: undefined,
    describePushDown: () => undefined,
    open: async () => ({ laneData: () => undefined, totalBytes: undefined, close: async () => {} }),
    openLane: async () => new TickLane(path),
  };
}

/** What it has accepted survives the process: each line is in the system when it is acknowledged. */
function lines<T>(path: string, linesOf: (input: T) => DeliveredLine[]): Sink<T> {
  return {
    name: `lines(${path})`,
    accepts: 'both',
    open: () => {
      const fd = openSync(path, 'a');
      let acknowledged = 0;
      return {
        get acknowledged() {
          return acknowledged;
        },
        failed: 0,
        write: (input) => {
          const own = linesOf(input as T);
          const text = own.map((line) => `${JSON.stringify(line)}\n`).join('');
          if (text !== '') writeSync(fd, text);
          acknowledged += own.length;
        },
        flush: () => {},
        close: () => ({}),
      };
    },
  };
}

function eventLines(batch: unknown): DeliveredLine[] {
  if (!isBatch(batch)) return [];
  const own: DeliveredLine[] = [];
  batch.forEach((event) => own.push([Number(event.cookie), event.sndCwnd ?? -1]));
  return own;
}

export default definePipeline(({ dir }: { readonly dir: string }) => ({
  source: ticks(join(dir, 'committed')),
  events: (batches) => ({
    events: batches,
    connections: batches.pipe(
      scanConnections(
        () => ({ events: 0 }),
        (state) => {
          state.events++;
        },
        { emitOn: 'close' },
      ),
    ),
  }),
  sinks: {
    events: [lines(join(dir, 'events'), eventLines)],
    connections: [
      lines<{ cookie: bigint; state: { events: number } }>(
        join(dir, 'connections'),
        ({ cookie, state }) => [[Number(cookie), state.events]],
      ),
    ],
  },
}));
