import { ConfigError } from '@sockflow/core';

import type { Encoding, StreamEncoding } from './encoding.ts';

/** @throws ERR_SOCKFLOW_INVALID_OPTION where an encoding makes files and the destination is none */
export function requireStream(encoding: Encoding, destination: string): StreamEncoding {
  if (encoding.form === 'stream') return encoding;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `the encoding ${encoding.name} makes files and cannot go to ${destination}`,
    { remedy: 'Write it to a file', details: { option: 'encoding', encoding: encoding.name } },
  );
}
