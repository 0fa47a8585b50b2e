import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { SOCKFLOW, userEnv } from '../cli/sockflow-command.ts';
import { WORKSPACE } from '../workspace.ts';

/** The one module of all tests of groups. */
export const GROUP_PIPELINE: string = join(WORKSPACE, 'e2e/src/kafka/group.pipeline.ts');

/** Arguments that run the module. */
export function pipelineArgs(params: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(params).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
  return ['run', GROUP_PIPELINE, '--json', ...given];
}

/** Complete lines of a file of events, whether or not its writer has ended it; markers are none. */
export function eventLines(path: string): string[] {
  const found = [path, `${path}.part`].find((name) => existsSync(name));
  if (found === undefined) return [];
  const lines = readFileSync(found, 'utf8').split('\n');
  lines.pop();
  return lines.filter((line) => !line.startsWith('{"kind":"CLOCK_ANCHOR"'));
}

/** A process that runs the module as a member of a group, and writes what it is given to a file of its own. */
export class GroupProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #path: string;
  #said = '';
  #summary = '';

  private constructor(name: string, child: ChildProcess, path: string) {
    this.name = name;
    this.#child = child;
    this.#path = path;
    child.stdout?.on('data', (chunk) => (this.#summary += String(chunk)));
    child.stderr?.on('data', (chunk) => (this.#said += String(chunk)));
  }

  static start(
    t: TestContext,
    cwd: string,
    name: string,
    params: Readonly<Record<string, string>>,
  ): GroupProcess {
    const sinks = `file:${name}.ndjson`;
    const args = pipelineArgs({ source: 'kafka', ...params, name, sinks });
    const child = spawn(process.execPath, [SOCKFLOW, ...args], {
      cwd,
      env: userEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    return new GroupProcess(name, child, join(cwd, `${name}.ndjson`));
  }

  /** What it has written until now. */
  lines(): string[] {
    return eventLines(this.#path);
  }

  /** @throws where it has ended by itself */
  checkRunning(): void {
    if (this.#child.exitCode !== null)
      throw new Error(`${this.name} ended with ${this.#child.exitCode}: ${this.#said}`);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<{ readonly code: number | null; readonly notes: Record<string, number> }> {
    this.checkRunning();
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    if (this.#summary === '') throw new Error(`${this.name} says nothing: ${this.#said}`);
    return { code, notes: JSON.parse(this.#summary).ledger.source.notes };
  }
}
