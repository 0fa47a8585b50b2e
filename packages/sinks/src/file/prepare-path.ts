import { access, constants, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { partPath, UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import { ioError } from './io-error.ts';
import { earlierOutputs } from './part-names.ts';

/**
 * Checks that a path can be written and removes what an earlier run under it left. A complete output of its own name stays until the new one replaces it, where
 * there is one lane: so it is never lost to a run that fails.
 *
 * @throws ERR_SOCKFLOW_SINK_PATH
 */
export async function preparePath(path: string, extension: string, lanes: number): Promise<void> {
  try {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true)
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (found?.isFile() === true) await access(path, constants.W_OK);
    const folder = dirname(path);
    const probe = partPath(path, 0, lanes, extension) + UNFINISHED_SUFFIX;
    const handle = await open(probe, 'w');
    await handle.close();
    const earlier = earlierOutputs(path, extension, await readdir(folder));
    for (const name of earlier) if (lanes > 1 || name !== path) await rm(name, { force: true });
  } catch (error) {
    throw ioError(error, path, 'open');
  }
}

/**
 * Checks that parts can be written to a path's folder.
 *
 * @throws ERR_SOCKFLOW_SINK_PATH
 */
export async function prepareFolder(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    if (!(await stat(folder)).isDirectory())
      throw Object.assign(new Error('is no folder'), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw ioError(error, path, 'open');
  }
}
