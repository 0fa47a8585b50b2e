import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

import { type AsyncCleanableTest, atEnd, until } from '@sockflow/test-support';

import type { Ended } from '../cli/sockflow-command.ts';
import { type Directive, readUnit } from './unit-file.ts';
import {
  type SandboxContents,
  type SandboxPlace,
  sandboxPlace,
  unitCommand,
} from './unit-sandbox.ts';

const START_MS = 90_000;

/** A place for a unit's state, which outlives its processes and goes with the test. */
export function useSandbox(t: AsyncCleanableTest): SandboxPlace {
  const place = sandboxPlace();
  atEnd(t, () => rmSync(place.dir, { recursive: true, force: true }));
  return place;
}

/** The unit's command in its sandbox, under way. */
export class UnitAgent {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  /** Starts it; it is killed with the test. */
  constructor(
    t: AsyncCleanableTest,
    place: SandboxPlace,
    contents: SandboxContents,
    unit: readonly Directive[] = readUnit(),
  ) {
    const [name, ...args] = unitCommand(unit, place, contents);
    this.child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.on('data', (chunk) => (this.#stdout += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.#stderr += String(chunk)));
    atEnd(t, () => this.child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until it has said so on stderr. */
  async untilSaid(pattern: RegExp): Promise<void> {
    await until(
      `the agent to say ${pattern}`,
      () => {
        if (pattern.test(this.#stderr)) return true;
        if (this.hasEnded) throw new Error(`the agent ended:\n${this.#stderr}`);
        return false;
      },
      START_MS,
    );
  }

  untilAttached(): Promise<void> {
    return this.untilSaid(/^attached to /m);
  }

  /** The last value of a key of its status lines. */
  status(key: string): number {
    const values = [...this.#stderr.matchAll(new RegExp(`^status .* ${key}=([\\d.]+)`, 'gm'))];
    return Number(values.at(-1)?.[1] ?? Number.NaN);
  }

  /** Sends a signal, and waits for its end. */
  async end(signal?: NodeJS.Signals): Promise<Ended> {
    if (signal !== undefined) this.child.kill(signal);
    await this.#closed;
    const { exitCode: status, signalCode } = this.child;
    return { status, signal: signalCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}
