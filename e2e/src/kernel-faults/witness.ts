import type { TestContext } from 'node:test';

import { LineProcess } from './line-process.ts';
import { buildWitness, buildWitnessPrograms } from './native-programs.ts';

/** The programs of somebody else: see native/witness.bpf.c. */
export type WitnessProgram = 'count' | 'ask' | 'overwrite' | 'answer';

export interface WitnessSettings {
  /** Cb flags that `ask` adds. */
  readonly askedFlags?: number;
  /** What `answer` answers. */
  readonly synTimeoutJiffies?: number;
  readonly windowPackets?: number;
}

/** Callbacks by op, of full sockets and of request sockets. */
export interface CallbackCounts {
  readonly full: readonly number[];
  readonly request: readonly number[];
}

/** A TCP socket as the kernel's iterator has it. */
export interface SocketFlags {
  readonly localPort: number;
  readonly remotePort: number;
  readonly state: number;
  readonly cbFlags: number;
}

/** Somebody else beside us: BPF programs on the same cgroup, in a process of their own, that share nothing with Sockflow. */
export class Witness {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  static async start(
    t: TestContext,
    cgroupPath: string,
    programs: readonly WitnessProgram[],
    settings: WitnessSettings = {},
  ): Promise<Witness> {
    const { askedFlags = 0, synTimeoutJiffies = 0, windowPackets = 0 } = settings;
    const args = [askedFlags, synTimeoutJiffies, windowPackets].map(String);
    return new Witness(
      await LineProcess.start(t, buildWitness(), [
        buildWitnessPrograms(),
        cgroupPath,
        ...args,
        ...programs,
      ]),
    );
  }

  /** What `count` has counted. */
  counts(): Promise<CallbackCounts> {
    return this.#process.ask('counts');
  }

  /** The cb flags of all TCP sockets of this network namespace, by the kernel's iterator. */
  flags(): Promise<readonly SocketFlags[]> {
    return this.#process.ask('flags');
  }

  async attach(program: WitnessProgram): Promise<void> {
    await this.#process.ask(`attach ${program}`);
  }

  async detach(program: WitnessProgram): Promise<void> {
    await this.#process.ask(`detach ${program}`);
  }

  /** Attaches so that no other may be beside it; it stays until the cgroup is removed. */
  async hold(program: WitnessProgram): Promise<void> {
    await this.#process.ask(`hold ${program}`);
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
