import { TrafficConnection } from './traffic-connection.ts';
import type { Ask } from './traffic-process.ts';

/** A listening socket of a traffic process. */
export class TrafficListener {
  readonly address: string;
  readonly port: number;
  readonly #ask: Ask;
  readonly #listener: number;

  constructor(ask: Ask, listener: number, address: string, port: number) {
    this.address = address;
    this.port = port;
    this.#ask = ask;
    this.#listener = listener;
  }

  /** The next connection, in the order in which they came. */
  async accept(): Promise<TrafficConnection> {
    return new TrafficConnection(
      this.#ask,
      await this.#ask('accept', { listener: this.#listener }),
    );
  }

  async close(): Promise<void> {
    await this.#ask('closeListener', { listener: this.#listener });
  }
}
