import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT_DIR } from '../harness/paths.ts';

const COMMAND = join(ROOT_DIR, 'packages/cli/bin/sockflow.js');

/** A status line of the command: numbers by their keys. */
export type Status = Readonly<Record<string, number>>;

/** How it ended. */
export interface AgentEnd {
  readonly exitCode: number | null;
  readonly drainMs: number;
  /** What `--json` wrote; `undefined` where that is none. */
  readonly summary: AgentSummary | undefined;
}

/** The part of the summary that is looked at. */
export interface AgentSummary {
  readonly outcome: string;
  readonly warnings: readonly string[];
  readonly ledger: {
    readonly total: {
      readonly read: number;
      readonly markers: number;
      readonly outputs: readonly {
        readonly sinks: readonly {
          readonly given: number;
          readonly acknowledged: number;
          readonly failed: number;
        }[];
      }[];
    };
  };
}

/** `sockflow run -c agent.yaml`, as a service manager starts it. */
export class AgentProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #log: WriteStream;
  readonly #onStatus: (status: Status) => void;
  #stdout = '';
  #isAttached: () => void = () => {};
  readonly isAttached: Promise<void>;
  readonly #ended: Promise<unknown>;

  constructor(dir: string, statusEveryS: number, onStatus: (status: Status) => void) {
    this.#onStatus = onStatus;
    this.#log = createWriteStream(join(dir, 'agent.log'));
    const args = ['run', '-c', 'agent.yaml', '--json', '--status-every', `${statusEveryS}s`];
    this.#child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? 0;
    this.#ended = once(this.#child, 'close');
    this.isAttached = new Promise((resolve, reject) => {
      this.#isAttached = resolve;
      void this.#ended.then(() => reject(new Error(`the agent ended; see ${dir}/agent.log`)));
    });
    this.isAttached.catch(() => {});
    this.#child.stdout?.on('data', (chunk) => (this.#stdout += String(chunk)));
    if (this.#child.stderr !== null) {
      createInterface({ input: this.#child.stderr }).on('line', (line) => this.#take(line));
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** As `systemctl stop` does. */
  async stop(): Promise<AgentEnd> {
    const startMs = performance.now();
    this.#child.kill('SIGTERM');
    await this.#ended;
    const drainMs = performance.now() - startMs;
    this.#log.end();
    return { exitCode: this.#child.exitCode, drainMs, summary: summaryOf(this.#stdout) };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(line: string): void {
    this.#log.write(`${line}\n`);
    if (line.startsWith('attached to ')) this.#isAttached();
    if (line.startsWith('status ')) this.#onStatus(statusOf(line));
  }
}

function statusOf(line: string): Status {
  const pairs = [...line.matchAll(/(\w+)=([\d.]+)(?= |$)/g)];
  return Object.fromEntries(pairs.map(([, key = '', value]) => [key, Number(value)]));
}

function summaryOf(stdout: string): AgentSummary | undefined {
  try {
    return JSON.parse(stdout) as AgentSummary;
  } catch {
    return undefined;
  }
}
