import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { ConfigError } from '@sockflow/core';

/**
 * Whether a file that an option asks for can be written, before minutes are spent on what would be in it.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkFolder(option: string, path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    throw unwritable(option, path, cause);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw unwritable(option, path, undefined);
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function writeAsked(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw unwritable(option, path, cause);
  }
}

function unwritable(option: string, path: string, cause: unknown): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `'${path}' cannot be written`, {
    details: { place: option },
    remedy: `Give ${option} a file in a folder that is there and can be written`,
    ...(cause === undefined ? {} : { cause }),
  });
}
