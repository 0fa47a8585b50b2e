import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { SourceError } from '../../errors.ts';
import type { FollowBoard } from './follow-board.ts';

/**
 * A pipe's bytes in a file without a name, which lanes follow while it grows: a pipe can be read once and by one reader, and lanes read side by side, each the blocks that are its own.
 * The file goes with the process, however that ends. Memory is that of one piece of the pipe; disk, in TMPDIR, as much as comes through.
 */
export class Spool {
  readonly fd: number;
  readonly #input: Readable;
  readonly #board: FollowBoard;
  #failure: SourceError | undefined;

  constructor(input: Readable, board: FollowBoard) {
    const folder = mkdtempSync(join(tmpdir(), 'sockflow-'));
    const path = join(folder, 'stdin');
    this.fd = openSync(path, 'wx+', 0o600);
    rmSync(folder, { recursive: true });
    this.#input = input;
    this.#board = board;
    input.on('data', (chunk: Buffer) => this.#write(chunk));
    input.on('end', () => board.endInput());
    input.on('error', (error) => this.#fail(error, 'Check what standard input is connected to'));
  }

  async close(): Promise<void> {
    this.#input.destroy();
    closeSync(this.fd);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #write(chunk: Buffer): void {
    try {
      for (let done = 0; done < chunk.length;) {
        done += writeSync(this.fd, chunk, done, chunk.length - done);
      }
    } catch (error) {
      this.#input.destroy();
      this.#fail(error);
    }
  }

  #fail(
    cause: unknown,
    remedy = 'Make room in the folder for temporary files, or name another one by TMPDIR',
  ): void {
    this.#failure ??= new SourceError(
      'ERR_SOCKFLOW_RECORDING_READ',
      `the recording on standard input cannot be taken in: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
        remedy,
      },
    );
    this.#board.endInput();
  }
}
