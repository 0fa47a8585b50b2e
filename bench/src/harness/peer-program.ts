import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What one command of a program measured. */
export interface PeerMeasurement {
  readonly ns: number;
  readonly count: number;
  readonly checksum: number;
}

/** The longest that a program may take for an answer: many times what any pass does, and less than a CI's patience. */
const MOST_ANSWER_MS = 300_000;

/**
 * A program, in whatever language, that answers one line per command. It stays up, so that its passes can be taken in turn with ours: all sides then see
 * the same drift of a shared machine.
 */
export class PeerProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;
  #failure: Error | undefined;

  constructor(program: string, ...parameters: readonly string[]) {
    this.#name = [program, ...parameters].join(' ');
    this.#child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
    // Both are told by the answer that does not come.
    this.#child.on('error', (error) => (this.#failure = error));
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** `undefined` where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws Error where it ends instead, or says nothing for so long: then it is killed */
  async ask(command: string, mostMs: number = MOST_ANSWER_MS): Promise<string> {
    this.#child.stdin.write(`${command}\n`);
    return this.line(`at '${command}'`, mostMs);
  }

  /** The next line that it says, asked or not. @param when for the error, where it ends instead */
  async line(when = 'at its start', mostMs: number = MOST_ANSWER_MS): Promise<string> {
    const late = setTimeout(() => {
      this.#failure = new Error(`said nothing for ${mostMs / 1000} s`);
      // Its end is what tells the one who waits.
      this.#child.kill('SIGKILL');
    }, mostMs);
    const { value, done } = await this.#lines.next().finally(() => clearTimeout(late));
    if (done !== true) return value;
    if (this.#failure !== undefined)
      throw new Error(`${this.#name} ended ${when}: ${this.#failure.message}`, {
        cause: this.#failure,
      });
    throw new Error(`${this.#name} ended ${when}`);
  }

  async measure(command: string): Promise<PeerMeasurement> {
    const [ns, count, checksum] = (await this.ask(command)).split(' ').map(Number);
    return { ns: ns ?? NaN, count: count ?? NaN, checksum: checksum ?? NaN };
  }

  close(): void {
    this.#child.stdin.end();
  }
}
