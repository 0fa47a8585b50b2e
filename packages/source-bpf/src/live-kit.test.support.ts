import { type EventObject, fromSource, type Source, type SourceLedger } from '@sockflow/core';
import { type AsyncCleanableTest, TestCgroup, TrafficProcess, until } from '@sockflow/test-support';

import { loadBinding } from './native/load-binding.ts';

/* What the kernel tests of the source share: a cgroup with a client and a server on loopback, and a source that is read in this thread. */

type Batches = ReturnType<typeof fromSource>;
export type Steps = (batches: Batches) => Batches;

/** A client and a server in a cgroup of the test's own, on loopback. */
export interface Scene {
  readonly cgroup: TestCgroup;
  readonly server: TrafficProcess;
  readonly client: TrafficProcess;
}

export async function openScene(test: AsyncCleanableTest): Promise<Scene> {
  const cgroup = TestCgroup.use(test);
  const server = await TrafficProcess.start(test, { cgroup });
  const client = await TrafficProcess.start(test, { cgroup });
  return { cgroup, server, client };
}

/** A connection from its start to its close, with a few exchanges. */
export async function talk({ server, client }: Scene, times = 3): Promise<void> {
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const near = await client.connect({ host: '127.0.0.1', port: listener.port });
  const far = await listener.accept();
  await near.exchange(times, 100);
  await near.end();
  await near.closed();
  await far.closed();
}

/** A source that is read in this thread until it is told to stop. */
export class Reading {
  readonly events: EventObject[];
  /** Of each batch, with the time of its oldest event, us. */
  readonly batches: { readonly endTimeUs: number; readonly oldestUs: number }[];
  ledger: SourceLedger | undefined;
  warnings: readonly string[];
  readonly #stopped: Promise<void>;
  #stop: () => Promise<void>;

  private constructor(source: Source, steps: Steps, isPushedDown: boolean) {
    this.events = [];
    this.batches = [];
    this.ledger = undefined;
    this.warnings = [];
    this.#stop = () => Promise.resolve();
    this.#stopped = steps(fromSource(this.#watched(source), { pushDown: isPushedDown })).forEach(
      (batch) => {
        let oldestUs = Infinity;
        for (const event of batch) {
          oldestUs = Math.min(oldestUs, event.tsUs);
          this.events.push(event.toObject());
        }
        this.batches.push({ endTimeUs: batch.endTimeUs, oldestUs });
      },
    );
    this.#stopped.catch(() => {});
  }

  /** Begins to read, and waits until the program is attached. */
  static async start(
    source: Source,
    cgroup: TestCgroup,
    steps: Steps = (batches) => batches,
    isPushedDown = true,
  ): Promise<Reading> {
    const before = attachedPrograms(cgroup).length;
    const reading = new Reading(source, steps, isPushedDown);
    const attached = until('the program', () => attachedPrograms(cgroup).length > before);
    await Promise.race([attached, reading.#stopped.then(() => attached)]);
    return reading;
  }

  /** Resolves when the source has ended. */
  get ended(): Promise<void> {
    return this.#stopped;
  }

  /** Stops the source, and reads all that was submitted. */
  async stop(): Promise<readonly EventObject[]> {
    await this.#stop();
    await this.#stopped;
    return this.events;
  }

  /** The same source, whose opened end this reading keeps hold of. */
  #watched(source: Source): Source {
    return {
      name: source.name,
      reportedOps: source.reportedOps,
      describePushDown: (filter) => source.describePushDown(filter),
      openLane: (context) => source.openLane(context),
      open: async (context) => {
        const opened = await source.open(context);
        this.#stop = async () => opened.stop?.();
        return {
          totalBytes: undefined,
          laneData: (lane) => opened.laneData(lane),
          start: async () => opened.start?.(),
          stop: async () => opened.stop?.(),
          close: async () => {
            await opened.close();
            this.ledger = opened.ledger?.();
            this.warnings = opened.warnings ?? [];
          },
        };
      },
    };
  }
}

/** Our programs on a cgroup, as the kernel tells them. */
export function attachedPrograms(cgroup: TestCgroup): readonly number[] {
  return loadBinding()
    .binding.sockOpsPrograms(cgroup.path)
    .filter(({ name }) => name.startsWith('sockflow_'))
    .map(({ id }) => id);
}
