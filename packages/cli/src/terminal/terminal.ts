import type { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';

import pico from 'picocolors';

/** The functions that colour text, or leave it as it is. */
export type Colors = ReturnType<typeof pico.createColors>;

/** When colours are used. */
export type ColorMode = 'auto' | 'always' | 'never';

/** A text that is not to be seen, and what is written in its place. */
export interface HiddenText {
  readonly text: string;
  readonly standsFor: string;
}

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
  /** Called once when the reader has gone; nothing is written any more. */
  onClosed: (() => void) | undefined;
  /** Takes away a line that is drawn again and again, before another is written. */
  clearTransient: (() => void) | undefined;
  #colors: Colors;
  #isClosed = false;
  #isQuiet = false;
  #hidden: readonly HiddenText[] = [];

  constructor(stream: Writable, env: NodeJS.ProcessEnv = process.env) {
    this.stream = stream;
    this.isTty = stream instanceof WriteStream && stream.isTTY;
    this.onClosed = undefined;
    this.clearTransient = undefined;
    this.#colors = pico.createColors(hasColors(stream, env));
  }

  get colors(): Colors {
    return this.#colors;
  }

  /** Colours as `--color` has them; `auto`: as the stream and the environment say. */
  useColors(mode: ColorMode, env: NodeJS.ProcessEnv = process.env): void {
    const isColored = mode === 'auto' ? hasColors(this.stream, env) : mode === 'always';
    this.#colors = pico.createColors(isColored);
  }

  /** From now on nothing but what is {@link urgent} is written. */
  quieten(): void {
    this.#isQuiet = true;
  }

  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** Warnings and errors: what `write` writes is written, quiet or not. */
  urgent(write: () => void): void {
    const wasQuiet = this.#isQuiet;
    this.#isQuiet = false;
    try {
      write();
    } finally {
      this.#isQuiet = wasQuiet;
    }
  }

  /** From now on these texts are not written: what stands for them is. */
  hide(texts: readonly HiddenText[]): void {
    this.#hidden = [...this.#hidden, ...texts].toSorted((a, b) => b.text.length - a.text.length);
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
    if (this.#isQuiet || this.#isClosed) return;
    this.clearTransient?.();
    let shown = text;
    for (const hidden of this.#hidden) shown = shown.replaceAll(hidden.text, hidden.standsFor);
    this.stream.write(shown);
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
