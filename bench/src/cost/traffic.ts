import { compileC } from '../harness/c-program.ts';
import { type PeerMeasurement, PeerProgram } from '../harness/peer-program.ts';

/** Connections that requests go over in turn. */
const WIDTH = 4;

/** A running bench/c/traffic: TCP on the loopback interface, both ends in one thread. */
export class Traffic {
  readonly #program: PeerProgram;

  constructor() {
    this.#program = new PeerProgram(compileC('traffic'));
  }

  /** Sockets made from now on are of that cgroup. */
  async moveTo(cgroupPath: string): Promise<void> {
    await this.#program.ask(`cgroup ${cgroupPath}`);
  }

  connections(count: number): Promise<PeerMeasurement> {
    return this.#program.measure(`connections ${count}`);
  }

  requests(count: number): Promise<PeerMeasurement> {
    return this.#program.measure(`requests ${count} ${WIDTH}`);
  }

  close(): void {
    this.#program.close();
  }
}
