import { createWriteStream, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';

import { ConfigError } from '@sockflow/core';

import { writeError } from './append-file.ts';

const STDOUT_PATHS: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1']);
/** Bytes that may wait for the reader before whoever writes is to wait, too. */
const MAX_WAITING_BYTES = 1 << 20;

/** Standard output, a pipe or a device that a recording is written to. */
export class StreamOutput {
  /** What messages call it. */
  readonly name: string;
  readonly #stream: Writable;
  readonly #isStdout: boolean;
  #failure: Error | undefined;
  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
  };

  private constructor(name: string, stream: Writable, isStdout: boolean) {
    this.name = name;
    this.#stream = stream;
    this.#isStdout = isStdout;
    stream.on('error', this.#onError);
  }

  /**
   * What a path leads to, where that is no file: `-` is standard output.
   *
   * @throws ERR_SOCKFLOW_INVALID_OPTION for a terminal
   */
  static of(path: string): StreamOutput | undefined {
    if (STDOUT_PATHS.has(path)) {
      if (process.stdout instanceof WriteStream && process.stdout.isTTY) throw isTerminal();
      return new StreamOutput('standard output', process.stdout, true);
    }
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || stats.isFile() || stats.isDirectory()) return undefined;
    return new StreamOutput(path, createWriteStream(path), false);
  }

  /** Copies the bytes; written they are when the reader has room. */
  readonly take = (bytes: Uint8Array): void => {
    if (this.#failure === undefined) this.#stream.write(Buffer.from(bytes));
  };

  /** Resolves once there is room for more. @throws ERR_SOCKFLOW_RECORDING_WRITE where the reader has gone, or a write failed */
  async drained(): Promise<void> {
    if (this.#stream.writableLength > MAX_WAITING_BYTES) await this.#written();
    this.#throwFailure();
  }

  /** Resolves once everything was written. @throws as `drained` */
  async end(): Promise<void> {
    await this.#written();
    this.#throwFailure();
    this.close();
  }

  /** Gives it free; what waits is still written. */
  close(): void {
    if (!this.#isStdout) this.#stream.end();
    else this.#stream.off('error', this.#onError);
  }

  /** An empty write is done once all before it are. */
  async #written(): Promise<void> {
    if (this.#failure !== undefined) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#stream.off('error', done);
        resolve();
      };
      this.#stream.once('error', done);
      this.#stream.write(new Uint8Array(0), done);
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined)
      throw writeError(this.name, 'cannot be written', this.#failure);
  }
}

function isTerminal(): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    'a recording is nothing for a terminal, and standard output is one',
    {
      details: { place: 'the output' },
      remedy: 'Pipe it to another command, redirect it to a file (> out.sfrec), or name a file',
    },
  );
}
