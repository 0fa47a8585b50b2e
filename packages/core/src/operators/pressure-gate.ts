/**
 * How an operator deep in a pipeline holds its source back: the operator subscribes upstream inside `withGate`; a source of ours takes note of the gates around its
 * subscription and asks for no more events while one of them is closed.
 *
 * JS thread only: one pipeline, one lane.
 */
export class PressureGate {
  #opened: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  constructor() {
    this.#opened = undefined;
    this.#resolve = undefined;
  }

  get isOpen(): boolean {
    return this.#opened === undefined;
  }

  /** Resolves when the gate is open. */
  get opened(): Promise<void> {
    return this.#opened ?? Promise.resolve();
  }

  close(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  open(): void {
    this.#resolve?.();
    this.#resolve = undefined;
    this.#opened = undefined;
  }
}

/** A gate that is closed, or undefined where all are open. */
export function closedGate(gates: Iterable<PressureGate>): PressureGate | undefined {
  for (const gate of gates) if (!gate.isOpen) return gate;
  return undefined;
}
