import type { LedgerSnapshot } from '@sockflow/core';

import { type StatusState, statusText } from '../terminal/status-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Says at intervals how a run stands: a line each time, with `--quiet` too, since it was asked for. */
export class StatusLines {
  readonly #terminal: Terminal;
  readonly #ledger: () => LedgerSnapshot;
  readonly #startMs: number;
  readonly #timer: NodeJS.Timeout;
  #last: StatusState;

  constructor(terminal: Terminal, everyMs: number, ledger: () => LedgerSnapshot) {
    this.#terminal = terminal;
    this.#ledger = ledger;
    this.#startMs = performance.now();
    this.#last = this.#state();
    // The run keeps the process alive, not this.
    this.#timer = setInterval(() => this.#tell(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const now = this.#state();
    this.#terminal.urgent(() => this.#terminal.line(statusText(now, this.#last)));
    this.#last = now;
  }

  #state(): StatusState {
    const { user, system } = process.cpuUsage();
    return {
      elapsedMs: performance.now() - this.#startMs,
      ledger: this.#ledger(),
      usage: { residentBytes: process.memoryUsage.rss(), cpuUs: user + system },
    };
  }
}
