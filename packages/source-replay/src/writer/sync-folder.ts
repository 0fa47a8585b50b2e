import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Some file systems have no such call for folders (and some of them nothing to do). */
const NOT_THERE = new Set(['EINVAL', 'ENOTSUP']);

function throwUnlessMissing(error: unknown): void {
  if (!NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}

/** Puts a folder's entries on the disk: a file that was made or renamed there is found under its name after a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    throwUnlessMissing(error);
  } finally {
    await handle.close();
  }
}

/** The same, done when it returns. */
export function syncFolderNow(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    throwUnlessMissing(error);
  } finally {
    closeSync(fd);
  }
}
