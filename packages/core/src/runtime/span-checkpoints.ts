import { type PressureGate } from '../operators/pressure-gate.ts';

/** How far a sink has come, in events or values, cumulative. */
export interface SinkProgress {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

/** So many checkpoints are kept apart; a sink that lags further behind makes commits coarser, not slower for ever (A5). */
const CAPACITY = 256;

/** What was pending when it was marked: it is through once `taken` of the gate's inputs are. */
interface Mark {
  readonly gate: PressureGate;
  readonly taken: number;
}

/** Spans whose results are not all with the sinks yet. */
interface Probe {
  readonly spans: number;
  marks: readonly Mark[];
  /** What was in one `mapAsync` may be in the next one by then: each round it is one further. */
  rounds: number;
}

/**
 * How many of a lane's spans are done with, counted from the first: what its source may commit.
 *
 * A checkpoint says: once each sink has acknowledged so many of what it was given, so many spans are done with. It is taken after the delivery of a span, or, where asynchronous work
 * was pending then, when that is through. In the lane's thread.
 *
 * Invariants
 *   A1  A span is done with only when every sink has acknowledged all that it was given before the checkpoint was taken, and the checkpoint was taken after all that `mapAsync`
 *       held of the span had been delivered. A sink acknowledges in the order in which it was given (SinkWriter.acknowledged).
 *   A2  The number never decreases, and is never above the number of spans that were delivered.
 *   A3  Steady work commits, too: what is waited for are the inputs pending at one moment, not that none are.
 *   A4  Once a sink has failed, the number stands still; once the lane has (`freeze`), no checkpoint is taken any more: what was delivered then may be incomplete. Checkpoints
 *       of before are still reached.
 *   A5  Memory is bounded: while all CAPACITY checkpoints wait, the last one moves on with what is delivered. The others stay where they are, so each is reached when the sinks
 *       come there, and then there is room for the next: commits lag at most twice as far behind as the sinks do.
 */
export class SpanCheckpoints {
  readonly #sinks: readonly SinkProgress[];
  readonly #gates: () => readonly PressureGate[];
  /** Gates that were seen since nothing was pending: work goes on also where its subscription has ended. */
  readonly #knownGates: Set<PressureGate>;
  /** Rows of: spans, then `given` of each sink; a ring. */
  readonly #rows: Float64Array;
  readonly #rowLength: number;
  #firstRow: number;
  #rowCount: number;
  #delivered: number;
  /** Spans up to which there is a checkpoint. */
  #taken: number;
  #done: number;
  #probe: Probe | undefined;
  #isFrozen: boolean;

  /** @param gates those of the operators of this moment */
  constructor(sinks: readonly SinkProgress[], gates: () => readonly PressureGate[]) {
    this.#sinks = sinks;
    this.#gates = gates;
    this.#knownGates = new Set();
    this.#rowLength = 1 + sinks.length;
    this.#rows = new Float64Array(CAPACITY * this.#rowLength);
    this.#firstRow = 0;
    this.#rowCount = 0;
    this.#delivered = 0;
    this.#taken = 0;
    this.#done = 0;
    this.#probe = undefined;
    this.#isFrozen = false;
  }

  /** The first so many spans were delivered whole. */
  delivered(spans: number): void {
    if (this.#isFrozen) return;
    this.#delivered = spans;
  }

  /** The lane has failed. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Looks at gates and sinks. @returns how many spans are done with */
  look(): number {
    if (!this.#isFrozen) this.#takeCheckpoints();
    if (this.#sinks.some(({ failed }) => failed > 0)) return this.#done;
    while (this.#rowCount > 0 && this.#isReached(this.#firstRow)) {
      this.#done = this.#rows[this.#firstRow * this.#rowLength] as number;
      this.#firstRow = (this.#firstRow + 1) % CAPACITY;
      this.#rowCount--;
    }
    return this.#done;
  }

  #takeCheckpoints(): void {
    for (const gate of this.#gates()) this.#knownGates.add(gate);
    while (this.#probe !== undefined || this.#taken < this.#delivered) {
      this.#probe ??= {
        spans: this.#delivered,
        marks: this.#pendingMarks(),
        rounds: this.#knownGates.size,
      };
      if (!this.#isThrough(this.#probe)) return;
      this.#takeCheckpoint(this.#probe.spans);
      this.#probe = undefined;
    }
  }

  #isThrough(probe: Probe): boolean {
    while (probe.marks.every(({ gate, taken }) => gate.through >= taken)) {
      if (--probe.rounds <= 0) return true;
      probe.marks = this.#pendingMarks();
      if (probe.marks.length === 0) return true;
    }
    return false;
  }

  #pendingMarks(): Mark[] {
    const marks: Mark[] = [];
    for (const gate of this.#knownGates) {
      const { taken, through } = gate;
      if (through < taken) marks.push({ gate, taken });
    }
    if (marks.length === 0) this.#knownGates.clear();
    return marks;
  }

  #takeCheckpoint(spans: number): void {
    if (this.#rowCount < CAPACITY) this.#rowCount++;
    const row = (this.#firstRow + this.#rowCount - 1) % CAPACITY;
    const start = row * this.#rowLength;
    this.#rows[start] = spans;
    for (let index = 0; index < this.#sinks.length; index++) {
      this.#rows[start + 1 + index] = (this.#sinks[index] as SinkProgress).given;
    }
    this.#taken = spans;
  }

  #isReached(row: number): boolean {
    const start = row * this.#rowLength;
    for (let index = 0; index < this.#sinks.length; index++) {
      const given = this.#rows[start + 1 + index] as number;
      if ((this.#sinks[index] as SinkProgress).acknowledged < given) return false;
    }
    return true;
  }
}
