import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { type AsyncCleanableTest, atEnd } from '@sockflow/test-support';

import { SOCKFLOW, userEnv } from './sockflow-command.ts';

const LOOK_MS = 30;
const WAIT_MS = 90_000;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** The command on a terminal of its own (util-linux' script), with what it draws and with keys to press. */
export class OnTerminal {
  readonly child: ChildProcess;
  text = '';
  /** All that was drawn is in `text`: later than the end of the process. */
  readonly #closed: Promise<unknown>;
  #isClosed = false;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.#closed = once(child, 'close').then(() => (this.#isClosed = true));
    child.stdout?.on('data', (chunk) => (this.text += String(chunk)));
  }

  /** `after` is what the shell says when the command has ended: settings of the terminal, say. */
  static start(
    t: AsyncCleanableTest,
    args: readonly string[],
    { columns = 80, rows = 24, env = {} }: TerminalOptions = {},
  ): OnTerminal {
    const command = [process.execPath, SOCKFLOW, ...args].map((word) => `'${word}'`).join(' ');
    // Ctrl-C reaches the shell too: without a trap dash ends with it, and says no more.
    const line = `trap : INT; stty cols ${columns} rows ${rows}; ${command}; echo "exit code $?"; stty -a`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      env: userEnv({ TERM: 'xterm-256color', ...env }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    atEnd(t, () => child.kill('SIGKILL'));
    return new OnTerminal(child);
  }

  /** A terminal whose user has gone, as far as the command can tell: nothing it writes is taken. */
  stopTaking(): void {
    this.child.stdout?.pause();
  }

  takeAgain(): void {
    this.child.stdout?.resume();
  }

  press(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Sends a signal to the command itself. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    assert.ok(pid !== undefined);
    const command = descendants(pid).find((child) => commandLine(child).includes(SOCKFLOW));
    assert.ok(command !== undefined, 'the command runs');
    process.kill(command, signal);
  }

  async until(pattern: RegExp, from = 0): Promise<void> {
    for (let waitedMs = 0; !pattern.test(this.text.slice(from)); waitedMs += LOOK_MS) {
      if (waitedMs > WAIT_MS || this.#isClosed) {
        throw new Error(`${pattern} did not appear:\n${JSON.stringify(this.text.slice(-3000))}`);
      }
      await sleep(LOOK_MS);
    }
  }

  async ended(): Promise<string> {
    await this.#closed;
    return this.text;
  }
}

/** Processes below another, the nearest last. */
function descendants(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = text.trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [...descendants(child), child]);
}

function commandLine(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
}
