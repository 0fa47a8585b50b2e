import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

import { userEnv } from '../cli/sockflow-command.ts';

/** A process that answers each line of its input with one JSON text a line. It ends with the test. */
export class LineProcess {
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.pid = child.pid ?? 0;
    child.stderr.on('data', (chunk) => (this.#stderr += chunk));
    // Its input ends with it; what is wrong shows in the answer that does not come.
    child.stdin.on('error', () => {});
  }

  /** Starts it and waits for its first line. */
  static async start(
    t: TestContext,
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string } = {},
  ): Promise<LineProcess> {
    const child = spawn(command, args, {
      ...options,
      env: userEnv(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const started = new LineProcess(child);
    t.after(() => started.end());
    await started.#answer();
    return started;
  }

  /** Sends a line and waits for the answer. */
  async ask<Answer>(line: string): Promise<Answer> {
    this.#child.stdin.write(`${line}\n`);
    return (await this.#answer()) as Answer;
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`it ended instead of answering: ${this.#stderr}`);
    return JSON.parse(value);
  }
}
