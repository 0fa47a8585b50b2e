import cliProgress from 'cli-progress';

import { formatBytes, formatDurationUs, formatShort } from './format.ts';
import type { Terminal } from './terminal.ts';

const REDRAWS_PER_SEC = 8;
/** Work that is done sooner shows no bar at all. */
const QUIET_MS = 400;
const BAR_COLUMNS = 24;
const MIN_BAR_COLUMNS = 6;

/** How far a piece of work is. */
export interface ProgressState {
  readonly doneBytes: number;
  /** `undefined` where nobody knows, as with a pipe. */
  readonly totalBytes: number | undefined;
  readonly events: number;
  /** Of a live source. */
  readonly live?: LiveProgress | undefined;
}

/** How a live source does just now. */
export interface LiveProgress {
  readonly eventsPerSec: number;
  readonly lost: number;
  readonly shed: number;
}

/** A line that tells how far the work is, how fast, and what is left; only on a terminal. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #startMs: number;
  #bar: cliProgress.SingleBar | undefined;
  #state: ProgressState | undefined;
  #isStopped = false;

  constructor(terminal: Terminal, what: string, nowMs: number = performance.now()) {
    this.#terminal = terminal;
    this.#what = what;
    this.#startMs = nowMs;
  }

  update(state: ProgressState): void {
    this.#state = state;
    if (!this.#terminal.isTty || this.#terminal.isQuiet || this.#isStopped) return;
    const elapsedMs = performance.now() - this.#startMs;
    if (elapsedMs < QUIET_MS) return;
    this.#bar ??= this.#start(state);
    this.#bar.setTotal(state.totalBytes ?? 0);
    this.#bar.update(state.doneBytes);
  }

  /** Takes the line away again. */
  stop(): void {
    this.#isStopped = true;
    this.#clear();
  }

  /** What is written then has the line to itself; the next update draws a new one. */
  #clear(): void {
    this.#terminal.clearTransient = undefined;
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #start(state: ProgressState): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      stream: this.#terminal.stream,
      fps: REDRAWS_PER_SEC,
      clearOnComplete: true,
      hideCursor: false,
      // The signals are ours: the work drains before the process ends.
      gracefulExit: false,
      format: (options, params) =>
        this.#text((barsize) =>
          cliProgress.Format.BarFormat(params.progress, { ...options, barsize }),
        ),
      barCompleteChar: '█',
      barIncompleteChar: '░',
    });
    this.#terminal.clearTransient = () => this.#clear();
    bar.start(state.totalBytes ?? 0, state.doneBytes);
    return bar;
  }

  #text(drawBar: (columns: number) => string): string {
    const { colors, columns } = this.#terminal;
    const { doneBytes, totalBytes, events, live } = this.#state ?? NOTHING_DONE;
    if (live !== undefined) return `${this.#what}  ${this.#liveText(doneBytes, events, live)}`;
    const elapsedMs = performance.now() - this.#startMs;
    const rate = `${formatShort((events / elapsedMs) * 1000)} events/s`;
    const counted = `${formatShort(events)} events`;
    if (totalBytes === undefined || totalBytes === 0) {
      return `${this.#what}  ${counted} · ${rate}`;
    }
    const share = Math.min(1, doneBytes / totalBytes);
    const leftUs = doneBytes === 0 ? undefined : (elapsedMs * (1 - share) * 1000) / share;
    const left = leftUs === undefined ? '' : ` · ${formatDurationUs(leftUs)} left`;
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const told = `${percent} · ${counted} · ${rate}${left}`;
    // One column stays free: a full line would wrap in some terminals.
    const barColumns = Math.min(BAR_COLUMNS, columns - this.#what.length - told.length - 2);
    const bar = barColumns < MIN_BAR_COLUMNS ? '' : ` ${colors.cyan(drawBar(barColumns))}`;
    return `${this.#what}${bar}${told}`;
  }

  /** What is lost is seen while something can still be done about it. */
  #liveText(doneBytes: number, events: number, { eventsPerSec, lost, shed }: LiveProgress): string {
    const { colors } = this.#terminal;
    const elapsedUs = (performance.now() - this.#startMs) * 1000;
    const counted = [
      formatDurationUs(elapsedUs),
      `${formatShort(events)} events`,
      formatBytes(doneBytes),
      `${formatShort(eventsPerSec)} events/s`,
    ].join(' · ');
    const missed = `${formatShort(lost)} lost · ${formatShort(shed)} shed`;
    return `${counted} · ${lost + shed > 0 ? colors.red(missed) : missed}`;
  }
}

const NOTHING_DONE: ProgressState = { doneBytes: 0, totalBytes: undefined, events: 0 };
