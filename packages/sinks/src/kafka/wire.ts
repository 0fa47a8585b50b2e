import type { Socket } from 'node:net';

import type { Connection } from '@platformatic/kafka';

/** How long an answer is waited for. */
const ANSWER_TIMEOUT_MS = 30_000;
const LENGTH_BYTES = 4;
const HEAD_BYTES = 8;
/* The client counts its own from 1: ours are told from them by the number alone. */
const FIRST_ID = 0x4000_0000;
const LAST_ID = 0x7fff_ffff;

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Requests of ours on a connection of the client, beside its own: the client copies each request into one fresh buffer, which costs a copy, and a collection of old space for every few
 * requests; here the parts of a request go to the socket as they lie.
 *
 *   request: length of all that follows, api key, version, correlation id, ...; answer: length, correlation id, ...
 *
 * Answers are told apart by their correlation id; those that are none of ours are given on to the client, each in one piece.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #toClient: readonly ((chunk: Buffer) => void)[];
  readonly #waiting: Map<number, Waiting>;
  readonly #chunks: Buffer[];
  #bytes: number;
  /** Bytes of the answer that comes, its length included; of the length alone where that is not known. */
  #expectedBytes: number;
  #nextId: number;

  /** @param connection - that has just been made, or waits for nothing */
  constructor({ socket }: Connection) {
    this.#socket = socket;
    this.#toClient = socket.listeners('data') as ((chunk: Buffer) => void)[];
    this.#waiting = new Map();
    this.#chunks = [];
    this.#bytes = 0;
    this.#expectedBytes = LENGTH_BYTES;
    this.#nextId = FIRST_ID;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#failAll(new Error('the connection has ended')));
  }

  /**
   * Writes a request, at once and before any other.
   *
   * OWNERSHIP: the parts are the caller's again when the answer is there.
   *
   * @param partsOf - what goes behind the request's length, which is not counted; of its correlation id
   * @returns the answer behind its correlation id
   */
  request(partsOf: (correlationId: number) => readonly Uint8Array[]): Promise<Buffer> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable)
      return Promise.reject(new Error('the connection has ended'));
    const id = this.#nextId;
    this.#nextId = id === LAST_ID ? FIRST_ID : id + 1;
    const parts = partsOf(id);
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
    socket.cork();
    socket.write(length);
    for (const part of parts) socket.write(part);
    socket.uncork();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seconds = ANSWER_TIMEOUT_MS / 1000;
        socket.destroy(new Error(`a request was not answered in ${seconds} s`));
      }, ANSWER_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#expectedBytes) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      const answerBytes = LENGTH_BYTES + bytes.readInt32BE(0);
      this.#expectedBytes = answerBytes;
      const rest = bytes.subarray(Math.min(answerBytes, bytes.length));
      this.#chunks.length = 0;
      if (bytes.length < answerBytes) {
        this.#chunks.push(bytes);
        return;
      }
      this.#expectedBytes = LENGTH_BYTES;
      this.#bytes = rest.length;
      if (rest.length > 0) this.#chunks.push(rest);
      this.#answer(bytes.subarray(0, answerBytes));
    }
  }

  #answer(answer: Buffer): void {
    const id = answer.readInt32BE(LENGTH_BYTES);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      for (const listener of this.#toClient) listener.call(this.#socket, answer);
      return;
    }
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(answer.subarray(HEAD_BYTES));
  }

  #failAll(error: Error): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
