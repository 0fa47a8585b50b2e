interface Entry {
  readonly lanes: Uint8Array;
  /** How many of its events have been acknowledged. */
  from: number;
}

/** Which lane each event is of that the inner sink was given and has not acknowledged: it says only how many, in their order. */
export class AckLog {
  readonly #acknowledged: Float64Array;
  #entries: Entry[];
  #total: number;

  constructor(lanes: number) {
    this.#acknowledged = new Float64Array(lanes);
    this.#entries = [];
    this.#total = 0;
  }

  /** Events of a lane that are acknowledged. */
  of(lane: number): number {
    return this.#acknowledged[lane] ?? 0;
  }

  /** Given to the inner sink: the lane of each event. */
  given(lanes: Uint8Array): void {
    if (lanes.length > 0) this.#entries.push({ lanes, from: 0 });
  }

  /** The inner sink has acknowledged so many in all. */
  acknowledge(total: number): void {
    let count = total - this.#total;
    this.#total = total;
    let done = 0;
    for (const entry of this.#entries) {
      if (count <= 0) break;
      const until = Math.min(entry.lanes.length, entry.from + count);
      count -= until - entry.from;
      for (; entry.from < until; entry.from++) {
        const lane = entry.lanes[entry.from]!;
        this.#acknowledged[lane] = this.#acknowledged[lane]! + 1;
      }
      if (entry.from < entry.lanes.length) break;
      done++;
    }
    if (done > 0) this.#entries = this.#entries.slice(done);
  }
}
