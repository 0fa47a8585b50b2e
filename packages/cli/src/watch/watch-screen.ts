import { writeSync } from 'node:fs';
import { WriteStream } from 'node:tty';

import type { Terminal } from '../terminal/terminal.ts';

/*
 * The terminal while a table is drawn in place. Main thread. Whatever ends the process but SIGKILL leaves the terminal as it was: the other screen buffer keeps
 * what was there before, and `exit` restores it too.
 */

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const END_OF_LINE = '\u001b[K';
const END_OF_SCREEN = '\u001b[J';
const CTRL_C = '\u0003';
const QUIT_KEYS: ReadonlySet<string> = new Set(['q', 'Q', CTRL_C]);
const STDOUT_FD = 1;
const FALLBACK_ROWS = 24;

/** A terminal that is taken over for a while. */
export class WatchScreen {
  readonly #terminal: Terminal;
  readonly #onQuit: () => void;
  readonly #onResize: () => void;
  readonly #restore = (): void => this.close();
  #isOpen = false;

  constructor(terminal: Terminal, onQuit: () => void, onResize: () => void) {
    this.#terminal = terminal;
    this.#onQuit = onQuit;
    this.#onResize = onResize;
  }

  get rows(): number {
    const { stream } = this.#terminal;
    return stream instanceof WriteStream ? stream.rows : FALLBACK_ROWS;
  }

  open(): void {
    this.#isOpen = true;
    this.#terminal.write(ENTER);
    this.#terminal.stream.on('resize', this.#onResize);
    process.on('exit', this.#restore);
    const { stdin } = process;
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    stdin.on('data', this.#onKeys);
    stdin.resume();
  }

  /** Draws the lines from the top, and nothing below them. What does not fit is left out. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.rows);
    this.#terminal.write(HOME + shown.map((line) => line + END_OF_LINE).join('\n') + END_OF_SCREEN);
  }

  /** Gives the terminal back; may be called again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#restore);
    this.#terminal.stream.off('resize', this.#onResize);
    const { stdin } = process;
    if (stdin.isTTY) {
      stdin.off('data', this.#onKeys);
      stdin.setRawMode(false);
      stdin.pause();
    }
    // At exit nothing asynchronous is written any more.
    writeSync(STDOUT_FD, LEAVE);
  }

  readonly #onKeys = (keys: Buffer): void => {
    for (const key of keys.toString('latin1')) {
      if (QUIT_KEYS.has(key)) this.#onQuit();
    }
  };
}
