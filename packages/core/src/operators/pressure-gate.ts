/**
 * How an operator deep in a pipeline holds its source back: the operator subscribes upstream inside `withGate`; a source of ours takes note of the gates around its
 * subscription and asks for no more events while one of them is closed. An operator that gives results on its own time also says how much it has taken and what of it is still
 * pending: until that is through, the spans it came from are not done with.
 *
 * JS thread only: one pipeline, one lane.
 */
export class PressureGate {
  #opened: Promise<void> | undefined;
  #resolve: (() => void) | undefined;
  #taken: number;
  #pending: number;

  constructor() {
    this.#opened = undefined;
    this.#resolve = undefined;
    this.#taken = 0;
    this.#pending = 0;
  }

  /** Inputs that the operator has taken so far, where it counts them. */
  get taken(): number {
    return this.#taken;
  }

  /** Of these, in their order: those of which nothing comes any more. */
  get through(): number {
    return this.#taken - this.#pending;
  }

  /** The operator has taken one more input: it is pending. */
  take(): void {
    this.#taken++;
    this.#pending++;
  }

  /** Of the inputs taken, only the last so many are pending. Called once what came of the others has been delivered. */
  leave(pending: number): void {
    this.#pending = pending;
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
