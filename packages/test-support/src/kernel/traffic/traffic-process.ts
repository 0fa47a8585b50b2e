import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { type AsyncCleanableTest, atEnd } from '../at-end.ts';
import type { NetNamespace } from '../net-namespace.ts';
import type { TestCgroup } from '../test-cgroup.ts';
import type {
  AnswerLine,
  ConnectRequest,
  Failure,
  Hello,
  ListenRequest,
  RequestName,
  Requests,
} from './protocol.ts';
import { TrafficConnection } from './traffic-connection.ts';
import { TrafficError } from './traffic-error.ts';
import { TrafficListener } from './traffic-listener.ts';

const REQUEST_TIMEOUT_MS = 60_000;

/** Where a traffic process runs. */
export interface TrafficPlace {
  /** Default: the namespace of the test; then only loopback is for it. */
  readonly namespace?: NetNamespace;
  readonly cgroup?: TestCgroup;
  /** Milliseconds that a request may take; default 60,000. */
  readonly timeoutMs?: number;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Asks the process and waits for its answer. */
export type Ask = <Name extends RequestName>(
  request: Name,
  takes: Requests[Name]['takes'],
) => Promise<Requests[Name]['gives']>;

/** A process that makes TCP connections as a test tells it, in its own namespace and cgroup. What its own sockets say is a witness. */
export class TrafficProcess {
  readonly pid: number;
  readonly comm: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ask: Ask;

  private constructor(hello: Hello, child: ChildProcessWithoutNullStreams, ask: Ask) {
    this.pid = hello.pid;
    this.comm = hello.comm;
    this.#child = child;
    this.#ask = ask;
  }

  /** Starts it; it ends with the test. */
  static async start(test: AsyncCleanableTest, place: TrafficPlace = {}): Promise<TrafficProcess> {
    const child = spawnChild(place.namespace);
    atEnd(test, () => child.kill('SIGKILL'));
    const pending = new Map<number, Pending>();
    const hello = readAnswers(child, pending);
    const ask = askOver(child, pending, place.timeoutMs ?? REQUEST_TIMEOUT_MS);
    const started = new TrafficProcess(await hello, child, ask);
    // It has no socket yet: all that it will make belong to the cgroup.
    place.cgroup?.add(started.pid);
    return started;
  }

  async listen(request: ListenRequest): Promise<TrafficListener> {
    const { listener, address, port } = await this.#ask('listen', request);
    return new TrafficListener(this.#ask, listener, address, port);
  }

  /** @throws TrafficError with the code that the process got. */
  async connect(request: ConnectRequest): Promise<TrafficConnection> {
    return new TrafficConnection(this.#ask, await this.#ask('connect', request));
  }

  /** Expects that connecting fails. @returns why. */
  async failToConnect(request: ConnectRequest): Promise<Failure> {
    try {
      await this.#ask('connect', request);
    } catch (error) {
      if (error instanceof TrafficError) return error.failure;
      throw error;
    }
    throw new Error(`connecting to ${request.host} port ${request.port} should have failed`);
  }

  /** Lets it end by itself, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

function spawnChild(namespace: NetNamespace | undefined): ChildProcessWithoutNullStreams {
  const script = fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? './traffic-child.ts' : './traffic-child.js',
      import.meta.url,
    ),
  );
  const [name, ...args] =
    namespace === undefined
      ? [process.execPath, script]
      : namespace.inside(process.execPath, script);
  const env = { ...process.env };
  for (const key of Object.keys(env)) if (/^NODE_(TEST|V8)_/.test(key)) delete env[key];
  const child = spawn(name, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.pipe(process.stderr, { end: false });
  // Writing to a process that has been killed is no error of the test.
  child.stdin.on('error', () => {});
  return child;
}

/** Hands answers to those who asked. @returns what the process says first. */
function readAnswers(
  child: ChildProcessWithoutNullStreams,
  pending: Map<number, Pending>,
): Promise<Hello> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const error = new Error(`the traffic process ended with ${signal ?? `code ${code}`}`);
      reject(error);
      for (const { reject: refuse } of pending.values()) refuse(error);
      pending.clear();
    });
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as AnswerLine;
      if ('hello' in line) return resolve(line.hello);
      const asked = pending.get(line.number);
      pending.delete(line.number);
      if ('answer' in line) asked?.resolve(line.answer as never);
      else asked?.reject(new TrafficError(line.failure));
    });
  });
}

function askOver(
  child: ChildProcessWithoutNullStreams,
  pending: Map<number, Pending>,
  timeoutMs: number,
): Ask {
  let nextNumber = 0;
  return (request, takes) =>
    new Promise((resolve, reject) => {
      const number = nextNumber++;
      const timer = setTimeout(() => {
        pending.delete(number);
        reject(new Error(`${request} took more than ${timeoutMs} ms: ${JSON.stringify(takes)}`));
      }, timeoutMs);
      pending.set(number, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      child.stdin.write(`${JSON.stringify({ number, request, ...takes })}\n`);
    });
}
