import { NetNamespaces } from '@sockflow/test-support';

import { compileC } from '../harness/c-program.ts';
import { PeerProgram } from '../harness/peer-program.ts';
import type { Places } from '../harness/places.ts';

const TICK_MS = 100;
/** What a machine that stood still owes is not made up for all at once: the rate is to be steady. */
const MOST_TICKS_AT_ONCE = 5;

/** TCP connections over loopback at a steady rate, in a network namespace and a cgroup of their own: each sends 1 KiB there and back and is closed. */
export class SteadyLoad {
  readonly cgroup: string;
  readonly #program: PeerProgram;
  readonly #perTick: number;
  #made = 0;
  #isStopped = false;
  #running: Promise<void> | undefined;

  private constructor(cgroup: string, program: PeerProgram, perTick: number) {
    this.cgroup = cgroup;
    this.#program = program;
    this.#perTick = perTick;
  }

  static async prepare(places: Places, connectionsPerSec: number): Promise<SteadyLoad> {
    const namespace = NetNamespaces.use(places.owner).a;
    const [name, ...args] = namespace.inside(compileC('traffic'));
    const program = new PeerProgram(name, ...args);
    const cgroup = places.cgroup();
    await program.ask(`cgroup ${cgroup}`);
    return new SteadyLoad(cgroup, program, Math.round((connectionsPerSec * TICK_MS) / 1000));
  }

  /** Connections made so far. */
  get made(): number {
    return this.#made;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#program.close();
  }

  async #run(): Promise<void> {
    let dueMs = performance.now();
    while (!this.#isStopped) {
      await this.#program.measure(`connections ${this.#perTick}`);
      this.#made += this.#perTick;
      dueMs = Math.max(dueMs + TICK_MS, performance.now() - MOST_TICKS_AT_ONCE * TICK_MS);
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => void setTimeout(resolve, waitMs));
    }
  }
}
