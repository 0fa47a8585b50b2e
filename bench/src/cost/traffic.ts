import { compileC } from '../harness/c-program.ts';
import { type PeerMeasurement, PeerProgram } from '../harness/peer-program.ts';

/** Connections that requests go over in turn. */
const WIDTH = 4;
/* There and back, as bench/c/traffic.c moves them. */
const CONNECTION_BYTES = 2 * 1024;
const REQUEST_BYTES = 2 * 64;

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
    return this.#measure(`connections ${count}`, count * CONNECTION_BYTES);
  }

  requests(count: number): Promise<PeerMeasurement> {
    return this.#measure(`requests ${count} ${WIDTH}`, count * REQUEST_BYTES);
  }

  close(): void {
    this.#program.close();
  }

  async #measure(command: string, bytes: number): Promise<PeerMeasurement> {
    const measured = await this.#program.measure(command);
    if (measured.checksum !== bytes)
      throw new Error(`traffic: ${command}: ${measured.checksum} bytes of ${bytes} moved`);
    return measured;
  }
}
