import { open } from 'node:fs/promises';

/** Puts a folder's entries on the disk: a file that was made or renamed there is found under its name after a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems have no such call for folders (and some of them nothing to do).
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
