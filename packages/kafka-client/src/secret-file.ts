import { readFileSync } from 'node:fs';

import { ConfigError } from '@sockflow/core';

/**
 * What a file of a secret or certificate holds; in no message.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function readSecretFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `kafka: ${option} '${path}' cannot be read`,
      {
        cause: error,
        remedy: 'Check the path and its rights',
        details: { option, path },
      },
    );
  }
}
