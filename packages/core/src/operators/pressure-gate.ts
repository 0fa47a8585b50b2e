/**
 * How an operator deep in a pipeline holds its source back. The operator subscribes upstream inside `withGate`; a source of ours takes note of the gates around its
 * subscription and asks for no more events while one of them is closed. (RxJS has no back channel; a subscription made later, as by `subscribeOn`, is not held back.)
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

let ambient: readonly PressureGate[] = [];

/** Runs `subscribe` so that sources subscribed to in it are held back by `gate`. */
export function withGate<R>(gate: PressureGate, subscribe: () => R): R {
  const outer = ambient;
  ambient = [...outer, gate];
  try {
    return subscribe();
  } finally {
    ambient = outer;
  }
}

/** The gates around the subscription that is being made. */
export function ambientGates(): readonly PressureGate[] {
  return ambient;
}

/** A gate that is closed, or undefined where all are open. */
export function closedGate(gates: Iterable<PressureGate>): PressureGate | undefined {
  for (const gate of gates) if (!gate.isOpen) return gate;
  return undefined;
}
