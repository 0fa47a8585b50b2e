import type { ConnectionEnd, ConnectionFacts } from './protocol.ts';
import type { Ask } from './traffic-process.ts';

/** One end of a connection, in a traffic process. */
export class TrafficConnection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #ask: Ask;
  readonly #connection: number;

  constructor(ask: Ask, facts: ConnectionFacts) {
    this.localAddress = facts.localAddress;
    this.localPort = facts.localPort;
    this.remoteAddress = facts.remoteAddress;
    this.remotePort = facts.remotePort;
    this.#ask = ask;
    this.#connection = facts.connection;
  }

  /** Sends so many bytes. @returns those written since the start, once the kernel has taken them */
  async send(bytes: number): Promise<number> {
    return (await this.#ask('send', { connection: this.#connection, bytes })).bytesWritten;
  }

  /** Waits until so many bytes have come since the start. @returns how many have */
  async receive(bytes: number): Promise<number> {
    return (await this.#ask('receive', { connection: this.#connection, bytes })).bytesRead;
  }

  /** Sends to an echo and waits for the answer, so many times. */
  async exchange(times: number, bytes: number): Promise<number> {
    return (await this.#ask('exchange', { connection: this.#connection, times, bytes })).bytesRead;
  }

  /** Stops reading: the window closes once the buffer is full. */
  async setReading(isReading: boolean): Promise<void> {
    await this.#ask('setReading', { connection: this.#connection, isReading });
  }

  /** Closes its own direction: FIN. */
  async end(): Promise<void> {
    await this.#ask('end', { connection: this.#connection });
  }

  /** Closes with RST. */
  async reset(): Promise<void> {
    await this.#ask('reset', { connection: this.#connection });
  }

  async destroy(): Promise<void> {
    await this.#ask('destroy', { connection: this.#connection });
  }

  /** Waits until it is closed, however that comes. */
  closed(): Promise<ConnectionEnd> {
    return this.#ask('closed', { connection: this.#connection });
  }
}
