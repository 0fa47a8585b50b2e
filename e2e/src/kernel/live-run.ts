import { type AsyncCleanableTest, type TestCgroup, until } from '@sockflow/test-support';
import type { BpfOptions } from 'sockflow';
import { type EventObject, type Marker, run, type RunHandle, type RunSummary } from 'sockflow';

import type { LiveParams } from './live.pipeline.ts';
import { sockOpsPrograms } from './sock-ops-program.ts';

const PIPELINE = new URL('./live.pipeline.js', import.meta.url);
const OUR_PROGRAM = /^sockflow_/;

/** Settings of a live run; those of the source, but for the cgroup, are {@link BpfOptions}. */
export interface LiveOptions extends Omit<BpfOptions, 'cgroup'> {
  readonly lanes?: number;
  readonly files?: readonly string[];
  readonly orderedFiles?: readonly string[];
}

/** A run of the kernel source on a test's cgroup, in lanes of its own as users have them; its events as they come. */
export class LiveRun {
  readonly events: EventObject[];
  readonly markers: Marker[];
  /** Given up at the end: whoever holds it holds the mapped rings. */
  #handle: RunHandle | undefined;
  readonly #ended: Promise<RunSummary>;
  readonly #cgroup: TestCgroup;
  #programs: readonly number[];

  private constructor(handle: RunHandle, cgroup: TestCgroup) {
    this.events = [];
    this.markers = [];
    this.#handle = handle;
    this.#ended = handle.done;
    this.#cgroup = cgroup;
    this.#programs = [];
    // Whoever stops it hears of a failure; nobody else must.
    this.#ended.catch(() => {});
    handle.results.subscribe((result) => {
      if (isMarker(result)) this.markers.push(result);
      else this.events.push(result as EventObject);
    });
  }

  /** Starts it, and waits until its program is attached: what happens from now on is seen. */
  static async start(
    test: AsyncCleanableTest,
    cgroup: TestCgroup,
    { lanes = 1, files = [], orderedFiles = [], ...source }: LiveOptions,
  ): Promise<LiveRun> {
    const params: LiveParams = {
      source: { existing: 'off', ...source, cgroup: cgroup.path },
      files,
      orderedFiles,
    };
    const before = ourPrograms(cgroup);
    const handle = run(PIPELINE, { lanes, params: { ...params } });
    const live = new LiveRun(handle, cgroup);
    test.after(() => live.#handle?.stop({ now: true }));
    const attached = until('the program to be attached', () => {
      const added = ourPrograms(cgroup).filter((id) => !before.includes(id));
      return added.length > 0 ? added : undefined;
    });
    live.#programs = await Promise.race([attached, handle.done.then(() => attached)]);
    return live;
  }

  /** Waits for an event. */
  find(what: string, isIt: (event: EventObject) => boolean): Promise<EventObject> {
    return until(`${what} (of ${this.events.length} events)`, () => this.events.find(isIt));
  }

  /** Waits until as many events as that have come. */
  async count(
    what: string,
    wanted: number,
    isIt: (event: EventObject) => boolean,
  ): Promise<EventObject[]> {
    await until(`${wanted} of ${what}`, () => this.events.filter(isIt).length >= wanted);
    return this.events.filter(isIt);
  }

  /** Ends it well: what was submitted until now is in `events` afterwards. */
  async stop(): Promise<RunSummary> {
    this.#handle?.stop();
    const summary = await this.#ended;
    this.#handle = undefined;
    // Those of other runs that the test has on the same cgroup stay.
    const left = ourPrograms(this.#cgroup).filter((id) => this.#programs.includes(id));
    if (left.length > 0) throw new Error(`programs ${left.join(', ')} are attached still`);
    return summary;
  }
}

function isMarker(result: unknown): result is Marker {
  const { kind } = result as { kind?: string };
  return kind === 'LOSS_MARKER' || kind === 'CLOCK_ANCHOR';
}

function ourPrograms(cgroup: TestCgroup): number[] {
  return sockOpsPrograms(cgroup.path)
    .filter(({ name }) => OUR_PROGRAM.test(name))
    .map(({ id }) => id);
}
