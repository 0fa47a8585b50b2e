import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { RunSummary } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from '../cli/link-sockflow.ts';
import { type Ended, SOCKFLOW, userEnv } from '../cli/sockflow-command.ts';
import { untilAttached } from './kernel-objects.ts';

const END_TIMEOUT_MS = 60_000;

/** A live pipeline of a test, as a user would write it. */
export interface LivePipeline {
  /** Settings of bpf(). */
  readonly bpf: Readonly<Record<string, unknown>> & { readonly cgroup?: string };
  readonly lanes?: number;
  /** JavaScript of the sinks; default: a recording, `out.sfrec`. */
  readonly sinks?: string;
  /** JavaScript of what is done with `batches`; default: nothing. */
  readonly events?: string;
  /** Statements before the pipeline. */
  readonly head?: string;
}

/** Where and as whom it runs. */
export interface LivePlace {
  /** The command that starts it: `setpriv …`. It must replace itself by what it starts. */
  readonly within?: readonly string[];
  /** Where the pipeline lies; default: a new folder. */
  readonly dir?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What `sockflow run --json` writes. */
export interface LiveEnd extends Ended {
  /** `undefined` where it did not come to write one. */
  readonly summary: LiveSummary | undefined;
}

export interface LiveSummary extends RunSummary {
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly remedy?: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly cause?: LiveSummary['error'];
  };
}

/** Writes the pipeline as a module into a folder where `sockflow` can be imported. */
export function writePipeline(dir: string, pipeline: LivePipeline, name = 'live.mjs'): void {
  const { bpf, events = 'batches', sinks = `[file('out.sfrec')]`, head = '' } = pipeline;
  writeFileSync(
    join(dir, name),
    `import { CbFlag, Op, bpf, definePipeline, file, filterOp, mapAsync, toObjects, where } from 'sockflow';
${head}
export default definePipeline({
  source: bpf(${JSON.stringify(bpf)}),
  events: (batches) => ${events},
  sinks: ${sinks},
});
`,
  );
}

/** `sockflow run` of a live pipeline in a process of its own, ended with the test. */
export class LiveRun {
  readonly dir: string;
  readonly pid: number;
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir;
    this.child = child;
    this.pid = child.pid ?? 0;
    this.#ended = once(child, 'close');
    child.stdout?.on('data', (chunk) => (this.#stdout += chunk));
    child.stderr?.on('data', (chunk) => (this.#stderr += chunk));
  }

  /** Starts it; what is not attached yet sees nothing. */
  static launch(t: TestContext, pipeline: LivePipeline, place: LivePlace = {}): LiveRun {
    const { within = [], dir = useTempDir(t), env = {} } = place;
    linkSockflow(dir);
    writePipeline(dir, pipeline);
    const run = ['run', 'live.mjs', '--json', '--lanes', String(pipeline.lanes ?? 1)];
    const [command = '', ...args] = [...within, process.execPath, SOCKFLOW, ...run];
    const child = spawn(command, args, {
      cwd: dir,
      env: userEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    return new LiveRun(dir, child);
  }

  /** Starts it and waits until its program is attached, as the one of `attached`. */
  static async start(
    t: TestContext,
    pipeline: LivePipeline & { readonly bpf: { readonly cgroup: string } },
    place: LivePlace & { readonly attached?: number } = {},
  ): Promise<LiveRun> {
    const started = LiveRun.launch(t, pipeline, place);
    const early = started.#ended.then(() => {
      throw new Error(`it ended before it was attached:\n${started.#stderr}${started.#stdout}`);
    });
    early.catch(() => {});
    await Promise.race([untilAttached(pipeline.bpf.cgroup, place.attached ?? 1), early]);
    return started;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Asks it to end well, as Ctrl-C does, and waits for it. */
  stop(): Promise<LiveEnd> {
    this.child.kill('SIGINT');
    return this.end();
  }

  /** Waits for its end; it is killed where that does not come. */
  async end(): Promise<LiveEnd> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
    const { exitCode: status, signalCode: signal } = this.child;
    const summary = parse(this.#stdout);
    return { status, signal, stdout: this.#stdout, stderr: this.#stderr, summary };
  }
}

function parse(stdout: string): LiveSummary | undefined {
  try {
    return JSON.parse(stdout) as LiveSummary;
  } catch {
    return undefined;
  }
}
