import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Ended, startSockflow } from '../cli/sockflow-command.ts';

const TIMEOUT_MS = 60_000;

/** The command while it runs, and what it has said. */
export class RunningCommand {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout: string;
  #stderr: string;

  constructor(args: readonly string[]) {
    this.child = startSockflow(args);
    this.#closed = once(this.child, 'close');
    this.#stdout = '';
    this.#stderr = '';
    this.child.stdout?.on('data', (chunk) => (this.#stdout += chunk));
    this.child.stderr?.on('data', (chunk) => (this.#stderr += chunk));
  }

  /** A recording that comes in blocks, with pauses. */
  static trickle(recording: string, sink: string, pauseMs: number): RunningCommand {
    const pipeline = new URL('./trickle.pipeline.js', import.meta.url).pathname;
    const params = [`recording=${recording}`, `sink=${sink}`, `pauseMs=${pauseMs}`];
    return new RunningCommand([
      'run',
      pipeline,
      ...params.flatMap((param) => ['--param', param]),
      '--json',
    ]);
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until something is so; fails where the command ends before. */
  async until(isSo: () => boolean): Promise<void> {
    const startMs = performance.now();
    while (!isSo()) {
      assert.equal(this.child.exitCode, null, `ended too early\n${this.#stderr}`);
      assert.ok(performance.now() - startMs < TIMEOUT_MS, `never came\n${this.#stderr}`);
      await sleep(2);
    }
  }

  async ended(): Promise<Ended> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), TIMEOUT_MS);
    await this.#closed;
    clearTimeout(timer);
    const { exitCode: status, signalCode: signal } = this.child;
    return { status, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}
