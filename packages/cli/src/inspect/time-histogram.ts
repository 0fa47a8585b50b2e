const BINS = 256;
const START_BIN_US = 1000;

/** How many events each stretch of time has. The stretch doubles when the bins run out, so the span need not be known. */
export class TimeHistogram {
  #bins = new Float64Array(BINS);
  #binUs = START_BIN_US;
  #startUs = 0;
  #isStarted = false;

  add(tsUs: number): void {
    if (!this.#isStarted) {
      this.#startUs = tsUs;
      this.#isStarted = true;
    }
    // Events a little earlier than the first (lanes, CPUs) count in the first bin.
    let bin = Math.max(0, Math.floor((tsUs - this.#startUs) / this.#binUs));
    while (bin >= BINS) {
      this.#halve();
      bin = Math.floor(bin / 2);
    }
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  /** The events up to `endUs` in `columns` stretches of equal length. */
  columns(columns: number, endUs: number): number[] {
    const used = Math.min(BINS, Math.floor((endUs - this.#startUs) / this.#binUs) + 1);
    const result = Array.from({ length: Math.max(1, Math.min(columns, used)) }, () => 0);
    for (let bin = 0; bin < used; bin++) {
      const column = Math.floor((bin * result.length) / used);
      result[column] = (result[column] ?? 0) + (this.#bins[bin] ?? 0);
    }
    return result;
  }

  #halve(): void {
    const halved = new Float64Array(BINS);
    for (let bin = 0; bin < BINS; bin++) {
      const target = bin >>> 1;
      halved[target] = (halved[target] ?? 0) + (this.#bins[bin] ?? 0);
    }
    this.#bins = halved;
    this.#binUs *= 2;
  }
}
