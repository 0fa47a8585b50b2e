import type { Socket } from 'node:net';

import type { ConnectionEnd, ConnectionFacts } from './protocol.ts';

const CHUNK_BYTES = 64 << 10;
const NOTHING = {};

/** A connection inside the traffic process: counts what comes, says how it ended. */
export class ChildConnection {
  readonly facts: ConnectionFacts;
  /** Resolves when the socket is closed, however it was. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #socket: Socket;
  readonly #progress: Set<() => void>;
  #bytesRead: number;
  #isClosed: boolean;

  constructor(connection: number, socket: Socket, doesEcho: boolean) {
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
    this.facts = { connection, localAddress, localPort, remoteAddress, remotePort };
    this.#socket = socket;
    this.#progress = new Set();
    this.#bytesRead = 0;
    this.#isClosed = false;
    let errorCode: string | undefined;
    socket.setNoDelay(true);
    socket.on('error', (error: NodeJS.ErrnoException) => (errorCode = error.code ?? error.message));
    socket.on('data', (chunk) => {
      this.#bytesRead += chunk.length;
      if (doesEcho) socket.write(chunk);
      this.#tell();
    });
    if (doesEcho) socket.on('end', () => socket.end());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#tell();
        const { bytesWritten } = socket;
        resolve({
          bytesRead: this.#bytesRead,
          bytesWritten,
          ...(errorCode === undefined ? {} : { errorCode }),
        });
      });
    });
  }

  /** Resolves when the kernel has taken all of it. */
  async send(bytes: number): Promise<{ bytesWritten: number }> {
    for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
      await this.#write(Buffer.alloc(Math.min(left, CHUNK_BYTES), 'sockflow'));
    }
    return { bytesWritten: this.#socket.bytesWritten };
  }

  /** Resolves when `bytes` have come since the connection's start, or it is closed. */
  receive(bytes: number): Promise<{ bytesRead: number }> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#bytesRead < bytes && !this.#isClosed) return;
        this.#progress.delete(look);
        resolve({ bytesRead: this.#bytesRead });
      };
      this.#progress.add(look);
      look();
    });
  }

  /** Sends `bytes` and waits until as many come back, `times` times. */
  async exchange(times: number, bytes: number): Promise<{ bytesRead: number }> {
    const payload = Buffer.alloc(bytes, 'sockflow');
    for (let done = 0; done < times; done++) {
      const wantedBytes = this.#bytesRead + bytes;
      await this.#write(payload);
      await this.receive(wantedBytes);
    }
    return { bytesRead: this.#bytesRead };
  }

  setReading(isReading: boolean): object {
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
    return NOTHING;
  }

  /** Closes its own direction: FIN. */
  end(): object {
    this.#socket.end();
    return NOTHING;
  }

  /** Closes with RST. */
  reset(): object {
    this.#socket.resetAndDestroy();
    return NOTHING;
  }

  destroy(): object {
    this.#socket.destroy();
    return NOTHING;
  }

  #write(payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(payload, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  #tell(): void {
    for (const look of this.#progress) look();
  }
}
