import { constants } from 'node:os';

import { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { holdEarlySignals, releaseEarlySignals } from './early-signals.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type StopSignal = (typeof SIGNALS)[number];

/** The signals that end a piece of work: the first one drains it, the second one ends the process where it stands. */
export class StopSignals {
  readonly #terminal: Terminal;
  readonly #onFirst: () => void;
  readonly #says: () => string;
  readonly #wereHeld: boolean;
  #received: StopSignal | undefined;
  readonly #listener = (signal: StopSignal): void => this.#receive(signal);

  /** @param says what the first one does, for people */
  constructor(
    terminal: Terminal,
    onFirst: () => void,
    says: () => string = () => 'draining what was read',
  ) {
    this.#terminal = terminal;
    this.#onFirst = onFirst;
    this.#says = says;
    for (const signal of SIGNALS) process.on(signal, this.#listener);
    this.#wereHeld = releaseEarlySignals();
  }

  /** The exit code of the signal that came, if any. */
  get exitCode(): ExitCode | undefined {
    switch (this.#received) {
      case undefined:
        return undefined;
      case 'SIGINT':
        return ExitCode.INTERRUPTED;
      case 'SIGTERM':
        return ExitCode.TERMINATED;
    }
  }

  close(): void {
    if (this.#wereHeld) holdEarlySignals();
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }

  #receive(signal: StopSignal): void {
    if (this.#received !== undefined) {
      this.#terminal.line(`${signal} again: stopped at once, output may be incomplete`);
      process.exit(128 + constants.signals[signal]);
    }
    this.#received = signal;
    this.#terminal.line(`${signal}: ${this.#says()}; once more stops at once`);
    this.#onFirst();
  }
}
