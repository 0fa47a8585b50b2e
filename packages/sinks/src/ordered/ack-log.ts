/** How far a run of a lane has come: its events, without markers. */
export interface RunAcks {
  readonly lane: number;
  /** Given to the inner sink so far; all of them once `isTaken`. */
  taken: number;
  isTaken: boolean;
  acknowledged: number;
}

interface Entry {
  /** Of each event, its run. */
  readonly runs: readonly RunAcks[];
  /** How many of its events have been acknowledged. */
  from: number;
}

/** The runs of one lane that are not acknowledged, in the order in which it sent them. */
interface LaneAcks {
  runs: RunAcks[];
  next: number;
  acknowledged: number;
}

/**
 * What of each lane is acknowledged. The inner sink says only how many of all that it was given, in the order of time; a lane's events went there in another order than it had them. So
 * a lane is told of a run when all of it is acknowledged and all before it: then its count has no gap, and its source may commit by it.
 */
export class AckLog {
  readonly #lanes: readonly LaneAcks[];
  #entries: Entry[];
  #total: number;

  constructor(lanes: number) {
    this.#lanes = Array.from({ length: lanes }, () => ({ runs: [], next: 0, acknowledged: 0 }));
    this.#entries = [];
    this.#total = 0;
  }

  /** Events of a lane that are acknowledged: the first so many that it has sent. */
  of(lane: number): number {
    const own = this.#lanes[lane];
    if (own === undefined) return 0;
    for (let run = own.runs[own.next]; run !== undefined; run = own.runs[own.next]) {
      if (!run.isTaken || run.acknowledged < run.taken) break;
      own.acknowledged += run.taken;
      own.next++;
    }
    // Now and then, so that it costs nothing.
    if (own.next >= 64) {
      own.runs = own.runs.slice(own.next);
      own.next = 0;
    }
    return own.acknowledged;
  }

  /** A lane has sent one more run. */
  sent(run: RunAcks): void {
    this.#lanes[run.lane]?.runs.push(run);
  }

  /** Given to the inner sink: the run of each event. */
  given(runs: readonly RunAcks[]): void {
    if (runs.length > 0) this.#entries.push({ runs, from: 0 });
  }

  /** The inner sink has acknowledged so many in all. */
  acknowledge(total: number): void {
    let count = total - this.#total;
    this.#total = total;
    let done = 0;
    for (const entry of this.#entries) {
      if (count <= 0) break;
      const until = Math.min(entry.runs.length, entry.from + count);
      count -= until - entry.from;
      for (; entry.from < until; entry.from++) entry.runs[entry.from]!.acknowledged++;
      if (entry.from < entry.runs.length) break;
      done++;
    }
    if (done > 0) this.#entries = this.#entries.slice(done);
  }
}
