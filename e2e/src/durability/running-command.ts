import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Ended, startSockflow } from '../cli/sockflow-command.ts';

/* No measure of speed: it only ends what hangs. */
const TIMEOUT_MS = 120_000;

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

  /**
   * Starts one that writes some blocks of a recording, and holds until {@link goOn}.
   *
   * @param goPath - nothing lies there yet
   * @returns it, once it holds
   */
  static async held(recording: string, sink: string, goPath: string): Promise<RunningCommand> {
    const pipeline = new URL('./held.pipeline.js', import.meta.url).pathname;
    const params = [`recording=${recording}`, `sink=${sink}`, `goPath=${goPath}`];
    const given = params.flatMap((param) => ['--param', param]);
    const run = new RunningCommand(['run', pipeline, ...given, '--json']);
    try {
      await run.until(() => existsSync(`${goPath}.held`));
    } catch (error) {
      run.child.kill('SIGKILL');
      throw error;
    }
    return run;
  }

  /** Lets one that holds write the rest. */
  static goOn(goPath: string): void {
    writeFileSync(goPath, '');
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
