import type { TestContext } from 'node:test';

import { LineProcess } from './line-process.ts';
import { buildTraffic } from './native-programs.ts';

/** What the traffic's process counted since its start. */
export interface TrafficTotals {
  readonly port: number;
  readonly connections: number;
  readonly roundTrips: number;
}

/** What a socket that waits for an answer to its SYN says of itself (TCP_INFO). */
export interface SynInfo {
  readonly state: number;
  readonly rtoUs: number;
  readonly windowBytes: number;
}

/** TCP traffic on loopback of one process in a cgroup: both ends of every connection are its own. */
export class Traffic {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  static async start(t: TestContext, cgroupPath: string): Promise<Traffic> {
    return new Traffic(await LineProcess.start(t, buildTraffic(), [cgroupPath]));
  }

  /** Connections with a byte there and back on each, from several threads. */
  churn(connections: number, threads = 2): Promise<TrafficTotals> {
    return this.#process.ask(`churn ${connections} ${threads}`);
  }

  /** Bytes there and back, one after the other, on connections of a thread each. */
  pingPong(connections: number, roundTrips: number): Promise<TrafficTotals> {
    return this.#process.ask(`pingpong ${connections} ${roundTrips}`);
  }

  /** Both at once, from a thread each, until `stop`; as fast as it goes unless they pause. */
  start(pauseUs = 0): Promise<TrafficTotals> {
    return this.#process.ask(`start ${pauseUs}`);
  }

  stop(): Promise<TrafficTotals> {
    return this.#process.ask('stop');
  }

  /** Opens connections that stay until `close`. */
  open(connections: number): Promise<TrafficTotals> {
    return this.#process.ask(`open ${connections}`);
  }

  /** A byte there and back on each connection that stays. */
  ping(): Promise<TrafficTotals> {
    return this.#process.ask('ping');
  }

  close(): Promise<TrafficTotals> {
    return this.#process.ask('close');
  }

  /** A SYN that nobody answers. */
  syn(): Promise<SynInfo> {
    return this.#process.ask('syn');
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
