/** How far a benchmark is, counted over all its comparisons. */
export class RoundCount {
  done: number;
  all: number;

  constructor() {
    this.done = 0;
    this.all = 0;
  }

  /** What a signal leaves, for people. */
  stopText(): string {
    return this.all === 0
      ? 'stopped before the first round; no result written'
      : `stopped after ${this.done} of ${this.all} rounds; no result written`;
  }
}
