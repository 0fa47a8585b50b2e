import { close as closeFd, open as openFd, write as writeFd } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { ioError } from '../file/io-error.ts';
import { openDescriptorOf } from '../file/special-path.ts';
import type { ByteTarget } from './byte-target.ts';

const writeAsync = promisify(writeFd);
const openAsync = promisify(openFd);
const closeAsync = promisify(closeFd);
/** PIPE_BUF of Linux: a write of at most this many bytes to a pipe is one piece, whoever else writes to it. */
const PIPE_BUF_BYTES = 4096;
const RETRY_MS = 5;

/** Which descriptor, and whose it is. */
export interface DescriptorTargetOptions {
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  /** Whether several lanes write to the same end. */
  readonly isShared: boolean;
  readonly closesFd: boolean;
}

/** A terminal, a pipe or a device: written as it is, never renamed, truncated or taken back. */
export class DescriptorTarget implements ByteTarget {
  readonly maxWriteBytes: number;
  readonly #options: DescriptorTargetOptions;

  constructor(options: DescriptorTargetOptions) {
    this.maxWriteBytes = options.isShared ? PIPE_BUF_BYTES : Number.MAX_SAFE_INTEGER;
    this.#options = options;
  }

  /**
   * The end that a special path is: standard output as it is, anything else opened.
   *
   * @throws ERR_SOCKFLOW_SINK_PATH
   */
  static async open(path: string, isShared: boolean): Promise<DescriptorTarget> {
    const fd = openDescriptorOf(path);
    if (fd !== undefined) return new DescriptorTarget({ fd, path, isShared, closesFd: false });
    try {
      const opened = await openAsync(path, 'w');
      return new DescriptorTarget({ fd: opened, path, isShared, closesFd: true });
    } catch (error) {
      throw ioError(error, path, 'open');
    }
  }

  async write(bytes: Uint8Array, start: number, end: number): Promise<number> {
    for (;;) {
      try {
        const { bytesWritten } = await writeAsync(
          this.#options.fd,
          bytes,
          start,
          end - start,
          null,
        );
        return bytesWritten;
      } catch (error) {
        // The other side of a descriptor that somebody made non-blocking: there is nothing to poll a bare descriptor with.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN')
          throw ioError(error, this.#options.path, 'write');
        await sleep(RETRY_MS);
      }
    }
  }

  takeBack(): void {
    // What a pipe took is gone.
  }

  async close(): Promise<void> {
    if (this.#options.closesFd) await closeAsync(this.#options.fd);
  }
}
