import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { RecordingWriteError } from '../errors.ts';
import { UNFINISHED_SUFFIX } from '../format/part-path.ts';
import type { AppendTarget } from './append-target.ts';
import { syncFolderNow } from './sync-folder.ts';

/**
 * A part's file while it is written: append only (F4), under its unfinished name (F11).
 *
 * An append that fails leaves the file as long as it was: what had been appended stays readable, and the same append may be tried again.
 */
export class AppendFile implements AppendTarget {
  readonly path: string;
  readonly #both: Uint8Array[] = [];
  #fd: number;
  #sizeBytes: number;
  #isFolderSynced = false;

  /** @param path the final name */
  constructor(path: string, fd: number, sizeBytes: number) {
    this.path = path;
    this.#fd = fd;
    this.#sizeBytes = sizeBytes;
  }

  /** Opens the unfinished part of a final name, new or at its end. */
  static open(path: string, sizeBytes: number): AppendFile {
    const unfinished = path + UNFINISHED_SUFFIX;
    try {
      return new AppendFile(path, openSync(unfinished, sizeBytes === 0 ? 'w' : 'r+'), sizeBytes);
    } catch (error) {
      throw writeError(unfinished, 'cannot be opened for writing', error);
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get unfinishedPath(): string {
    return this.path + UNFINISHED_SUFFIX;
  }

  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  append(bytes: Uint8Array): void {
    try {
      this.#writeAll(bytes, 0);
    } catch (error) {
      throw this.#cutBack(error);
    }
    this.#sizeBytes += bytes.length;
  }

  /** Appends two pieces of memory that lie apart, without copying either. */
  appendBoth(first: Uint8Array, second: Uint8Array): void {
    try {
      this.#both[0] = first;
      this.#both[1] = second;
      const written = writevSync(this.#fd, this.#both, this.#sizeBytes);
      if (written < first.length) {
        this.#writeAll(first.subarray(written), written);
        this.#writeAll(second, first.length);
      } else if (written < first.length + second.length) {
        this.#writeAll(second.subarray(written - first.length), written);
      }
    } catch (error) {
      throw this.#cutBack(error);
    }
    this.#sizeBytes += first.length + second.length;
  }

  /** Shortens the file to its first `sizeBytes`. */
  cutTo(sizeBytes: number): void {
    try {
      ftruncateSync(this.#fd, sizeBytes);
    } catch (error) {
      throw writeError(this.unfinishedPath, 'cannot be shortened', error);
    }
    this.#sizeBytes = sizeBytes;
  }

  /** Puts what was appended on the disk, and its unfinished name the first time, without blocking the thread. The file is not to be closed before it has settled. */
  async sync(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error)));
      });
      if (!this.#isFolderSynced) syncFolderNow(dirname(this.path));
      this.#isFolderSynced = true;
    } catch (error) {
      throw writeError(this.unfinishedPath, 'cannot be put on the disk', error);
    }
  }

  /** Closes the file; `finished`: under its final name; `isSynced`: what was appended is on the disk before, the name after that. */
  close(finished: boolean, isSynced: boolean = false): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    try {
      try {
        if (isSynced) fdatasyncSync(fd);
      } finally {
        closeSync(fd);
      }
      if (finished) renameSync(this.unfinishedPath, this.path);
      if (finished && isSynced) syncFolderNow(dirname(this.path));
    } catch (error) {
      throw writeError(this.path, 'cannot be completed', error);
    }
  }

  #writeAll(bytes: Uint8Array, after: number): void {
    let done = 0;
    while (done < bytes.length) {
      const position = this.#sizeBytes + after + done;
      done += writeSync(this.#fd, bytes, done, bytes.length - done, position);
    }
  }

  #cutBack(error: unknown): RecordingWriteError {
    try {
      ftruncateSync(this.#fd, this.#sizeBytes);
    } catch {
      // Readers find every whole block before a torn one all the same (F4).
    }
    return writeError(this.unfinishedPath, 'cannot be written', error);
  }
}

/** The error of a failed write, with the system's reason. */
export function writeError(path: string, what: string, cause: unknown): RecordingWriteError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const errno =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const remedies: Record<string, string> = {
    ENOSPC:
      'Free space on the disk, or write to another one; what was written before stays readable',
    EDQUOT:
      'Free space within the quota, or write elsewhere; what was written before stays readable',
    EACCES: 'Check the permissions of the file and its directory',
    EPERM: 'Check the permissions of the file and its directory',
    EROFS: 'Write to a file system that is not mounted read-only',
    ENOENT: 'Create the directory first, and leave it in place while the recording is written',
    ENOTDIR: 'Name a file in a directory that exists',
    EISDIR: 'Name a file, not a directory',
  };
  return new RecordingWriteError(
    'ERR_SOCKFLOW_RECORDING_WRITE',
    `recording '${path}' ${what}: ${reason}`,
    {
      cause,
      details: { path, errno },
      remedy:
        remedies[errno] ?? 'Check the disk and the path; what was written before stays readable',
    },
  );
}
