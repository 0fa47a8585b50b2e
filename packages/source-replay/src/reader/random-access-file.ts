import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { SourceError } from '../errors.ts';

/** What a recording is read from. */
export interface RandomAccessFile {
  /** As messages name it. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Fills `into` from `position` on. @returns bytes read: fewer only at the end of the file. */
  read(into: Uint8Array, position: number): number;
  close(): void;
}

/** An open file, as another thread of the process is told of it. */
export interface SharedFile {
  readonly path: string;
  readonly fd: number;
  readonly sizeBytes: number;
}

/** A file on disk, its size as it was when it was opened. */
export class DiskFile implements RandomAccessFile {
  readonly path: string;
  readonly sizeBytes: number;
  #fd: number;
  readonly #isOwner: boolean;

  private constructor(path: string, fd: number, sizeBytes: number, isOwner: boolean) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#fd = fd;
    this.#isOwner = isOwner;
  }

  /**
   * @throws ERR_SOCKFLOW_RECORDING_MISSING
   * @throws ERR_SOCKFLOW_NOT_A_RECORDING where it is a directory or a device
   * @throws ERR_SOCKFLOW_RECORDING_READ
   */
  static open(path: string): DiskFile {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw readError(path, error);
    }
    const stats = fstatSync(fd);
    if (stats.isFile()) return new DiskFile(path, fd, stats.size, true);
    closeSync(fd);
    throw new SourceError(
      'ERR_SOCKFLOW_NOT_A_RECORDING',
      `'${path}' is ${stats.isDirectory() ? 'a directory' : 'not a regular file'}, expected a recording (.sfrec)`,
      { details: { path }, remedy: 'Name the recording file itself' },
    );
  }

  /**
   * Opens all of them, or none: where one cannot be opened, those before it are closed again.
   *
   * @throws as {@link open}
   */
  static openAll(paths: readonly string[]): DiskFile[] {
    const files: DiskFile[] = [];
    try {
      for (const path of paths) files.push(DiskFile.open(path));
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
    return files;
  }

  /**
   * Opens what another thread of this process opened; closing it closes nothing.
   *
   * Descriptors belong to the process, and every read states its position: so lanes share one, and go on reading it when its name is given to another file.
   */
  static shared({ path, fd, sizeBytes }: SharedFile): DiskFile {
    return new DiskFile(path, fd, sizeBytes, false);
  }

  /** What another thread needs for reading this file. VALID UNTIL this file is closed. */
  share(): SharedFile {
    return { path: this.path, fd: this.#fd, sizeBytes: this.sizeBytes };
  }

  read(into: Uint8Array, position: number): number {
    let done = 0;
    try {
      while (done < into.length) {
        const got = readSync(this.#fd, into, done, into.length - done, position + done);
        if (got === 0) break;
        done += got;
      }
    } catch (error) {
      throw readError(this.path, error);
    }
    return done;
  }

  close(): void {
    if (this.#fd >= 0 && this.#isOwner) closeSync(this.#fd);
    this.#fd = -1;
  }
}

function readError(path: string, cause: unknown): SourceError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SourceError('ERR_SOCKFLOW_RECORDING_MISSING', `no recording at '${path}'`, {
      cause,
      details: { path },
      remedy:
        'Check the path; parts that several lanes wrote are found by the name given when it was written',
    });
  }
  return new SourceError(
    'ERR_SOCKFLOW_RECORDING_READ',
    `recording '${path}' cannot be read: ${reason}`,
    {
      cause,
      details: { path, errno: code },
      remedy: 'Check the permissions of the file, and the disk',
    },
  );
}
