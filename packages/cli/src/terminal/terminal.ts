import type { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';

import pico from 'picocolors';

/** The functions that colour text, or leave it as it is. */
export type Colors = ReturnType<typeof pico.createColors>;

const FALLBACK_COLUMNS = 80;
const MIN_COLUMNS = 60;
const MAX_COLUMNS = 140;

/**
 * One output stream of the process as the commands see it: its colours and its width.
 *
 * Each stream decides for itself: a redirected stdout stays plain while stderr is coloured. NO_COLOR,
 * FORCE_COLOR and TERM are Node's own rules (`hasColors`).
 */
export class Terminal {
  readonly stream: Writable;
  readonly isTty: boolean;
  readonly colors: Colors;
  /** Called once when the reader has gone; nothing is written any more. */
  onClosed: (() => void) | undefined;
  /** Takes away a line that is drawn again and again, before another is written. */
  clearTransient: (() => void) | undefined;
  #isClosed = false;

  constructor(stream: Writable, env: NodeJS.ProcessEnv = process.env) {
    this.stream = stream;
    this.isTty = stream instanceof WriteStream && stream.isTTY;
    this.onClosed = undefined;
    this.clearTransient = undefined;
    this.colors = pico.createColors(hasColors(stream, env));
  }

  /** Columns to lay out for, 60 to 140. */
  get columns(): number {
    const columns = this.stream instanceof WriteStream ? this.stream.columns : FALLBACK_COLUMNS;
    return Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns || FALLBACK_COLUMNS));
  }

  /** Whether the reader has gone, as `head` does. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Notes that the reader has gone. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClosed?.();
  }

  write(text: string): void {
    this.clearTransient?.();
    if (!this.#isClosed) this.stream.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }
}

function hasColors(stream: Writable, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream instanceof WriteStream && stream.isTTY && stream.hasColors(16, env);
}
