import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type AsyncCleanableTest,
  atEnd,
  requireKernel,
  type SkippableTest,
  TestCgroup,
  type TrafficConnection,
  TrafficProcess,
} from '@sockflow/test-support';
import { diagnose } from 'sockflow';

import { type Ended, SOCKFLOW, startSockflow, userEnv } from './sockflow-command.ts';

const LOOK_MS = 50;
const WAIT_MS = 90_000;

/** A process of its own that makes traffic on loopback, alone in a cgroup. */
export interface LoopbackScene {
  readonly cgroup: TestCgroup;
  readonly traffic: TrafficProcess;
}

/** @returns `undefined` where the test is skipped. */
export async function useLoopback(
  t: AsyncCleanableTest & SkippableTest,
): Promise<LoopbackScene | undefined> {
  if (!requireKernel(t, { tools: [] })) return undefined;
  const cgroup = TestCgroup.use(t);
  return { cgroup, traffic: await TrafficProcess.start(t, { cgroup }) };
}

/** A connection to an echo that exchanged something and is closed. @returns the client's end */
export async function talk(traffic: TrafficProcess, times: number): Promise<TrafficConnection> {
  const listener = await traffic.listen({ host: '127.0.0.1', echo: true });
  const near = await traffic.connect({ host: '127.0.0.1', port: listener.port });
  const far = await listener.accept();
  await near.exchange(times, 100);
  await near.end();
  await Promise.all([near.closed(), far.closed()]);
  return near;
}

/** A refused connect. @returns the port that it tried from */
export async function beRefused(traffic: TrafficProcess): Promise<number | undefined> {
  const listener = await traffic.listen({ host: '127.0.0.1' });
  await listener.close();
  return (await traffic.failToConnect({ host: '127.0.0.1', port: listener.port })).localPort;
}

/** Where it runs. */
export interface LiveCommandOptions {
  readonly cwd?: string;
  /** No file may become larger: what a full disk does to it. */
  readonly maxFileKiB?: number;
}

/** The command with the kernel as its source, under way. */
export class LiveCommand {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** All that it said is here: later than the end of the process. */
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.#closed = once(child, 'close');
    child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
  }

  /** Starts it and waits until the cgroup has its program. */
  static async start(
    t: AsyncCleanableTest,
    cgroup: TestCgroup,
    args: readonly string[],
    { cwd, maxFileKiB }: LiveCommandOptions = {},
  ): Promise<LiveCommand> {
    const all = [...args, '--cgroup', cgroup.path];
    const child =
      maxFileKiB === undefined
        ? startSockflow(all, cwd === undefined ? {} : { cwd })
        : spawn(
            'bash',
            [
              '-c',
              `ulimit -f ${maxFileKiB}; exec "$@"`,
              'bash',
              process.execPath,
              SOCKFLOW,
              ...all,
            ],
            { cwd, env: userEnv(), stdio: ['ignore', 'pipe', 'pipe'] },
          );
    atEnd(t, () => child.kill('SIGKILL'));
    const command = new LiveCommand(child);
    // What it says stays; a short run may be over by the time that anybody looks for its program.
    const isStarted = (): boolean => /^attached to /m.test(command.stderr) || isAttached(cgroup);
    await command.until('its program is attached', isStarted);
    return command;
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    for (let waitedMs = 0; !isTrue(); waitedMs += LOOK_MS) {
      assert.equal(this.child.exitCode, null, `${what}: it ended\n${this.stderr}`);
      assert.ok(waitedMs < WAIT_MS, `${what}: not after ${WAIT_MS} ms\n${this.stderr}`);
      await sleep(LOOK_MS);
    }
  }

  /** Sends a signal, or waits for its end by itself. */
  async end(signal?: NodeJS.Signals): Promise<Ended> {
    if (signal !== undefined) this.child.kill(signal);
    await this.#closed;
    const { exitCode: status, signalCode } = this.child;
    return { status, signal: signalCode, stdout: this.stdout, stderr: this.stderr };
  }
}

function isAttached({ path }: TestCgroup): boolean {
  const { checks } = diagnose({ cgroup: path });
  const check = checks.find(({ id }) => id === 'bpf.other-programs');
  return check?.found.includes(`sockflow_events`) === true && check.found.includes(path);
}
