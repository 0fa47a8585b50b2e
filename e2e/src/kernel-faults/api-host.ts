import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from '../cli/link-sockflow.ts';
import { LineProcess } from './line-process.ts';
import { type LivePipeline, type LiveSummary, writePipeline } from './live-run.ts';

/* A program that runs pipelines by the API and outlives them: what is left in it shows. */
const HOST = `import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { run } from 'sockflow';

const errorOf = (error) =>
  error === undefined || error === null
    ? undefined
    : { name: error.name, code: error.code, message: error.message, remedy: error.remedy, details: error.details, cause: errorOf(error.cause) };
const toJson = (value) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
const handles = new Map();
const hoard = [];
let uncaught = 0;
process.on('uncaughtException', () => uncaught++);
process.on('unhandledRejection', () => uncaught++);

const commands = {
  start({ name, path, options }) {
    const handle = run(new URL(path, import.meta.url), options);
    handles.set(name, handle.done.then((summary) => ({ summary }), (error) => ({ error: errorOf(error) })));
    handles.set(name + ' handle', handle);
    return {};
  },
  stop({ name, now }) {
    handles.get(name + ' handle').stop(now === true ? { now } : undefined);
    return {};
  },
  read({ name }) {
    return handles.get(name + ' handle').ledger().total.read;
  },
  async end({ name }) {
    return handles.get(name);
  },
  leaveFds({ free }) {
    for (const fd of hoard.splice(0)) closeSync(fd);
    try {
      while (hoard.length < 1000) hoard.push(openSync('/dev/null'));
    } catch {
      // That was the last one.
    }
    for (const fd of hoard.splice(Math.max(0, hoard.length - free))) closeSync(fd);
    return {};
  },
  held() {
    globalThis.gc?.();
    const fds = readdirSync('/proc/self/fd');
    const maps = readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.includes('bpf-map'));
    return { fds: fds.length, mappings: maps.length, uncaught };
  },
};

console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  console.log(toJson((await commands[command](rest)) ?? {}));
}
process.exit(0);
`;

/** How a run ended, as its promise told. */
export interface HostedEnd {
  readonly summary?: LiveSummary;
  readonly error?: NonNullable<LiveSummary['error']>;
}

/** What the process holds, after a collection of garbage. */
export interface HostHoldings {
  readonly fds: number;
  /** Of BPF maps. */
  readonly mappings: number;
  /** Exceptions that nobody caught. */
  readonly uncaught: number;
}

/** A process that runs pipelines by the API, and goes on after them. */
export class ApiHost {
  readonly dir: string;
  readonly #process: LineProcess;

  private constructor(dir: string, process: LineProcess) {
    this.dir = dir;
    this.#process = process;
  }

  static async start(t: TestContext, within: readonly string[] = []): Promise<ApiHost> {
    const dir = useTempDir(t);
    linkSockflow(dir);
    const path = join(dir, 'host.mjs');
    writeFileSync(path, HOST);
    const [command, ...args] = [...within, process.execPath, '--expose-gc', path] as const;
    return new ApiHost(dir, await LineProcess.start(t, command, args, { cwd: dir }));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Starts a pipeline by a name of the test's. */
  async run(name: string, pipeline: LivePipeline, options: object = {}): Promise<void> {
    writePipeline(this.dir, pipeline, `${name}.mjs`);
    await this.#ask({
      command: 'start',
      name,
      path: `${name}.mjs`,
      options: { lanes: pipeline.lanes ?? 1, ...options },
    });
  }

  /** Asks it to end: well, or `now`. */
  async stop(name: string, now = false): Promise<void> {
    await this.#ask({ command: 'stop', name, now });
  }

  /** Events that its lanes have read so far. */
  eventsRead(name: string): Promise<number> {
    return this.#ask<number>({ command: 'read', name });
  }

  end(name: string): Promise<HostedEnd> {
    return this.#ask<HostedEnd>({ command: 'end', name });
  }

  /** Takes descriptors until no more than `free` are left. */
  async leaveFds(free: number): Promise<void> {
    await this.#ask({ command: 'leaveFds', free });
  }

  held(): Promise<HostHoldings> {
    return this.#ask<HostHoldings>({ command: 'held' });
  }

  #ask<Answer>(request: object): Promise<Answer> {
    return this.#process.ask<Answer>(JSON.stringify(request));
  }
}
