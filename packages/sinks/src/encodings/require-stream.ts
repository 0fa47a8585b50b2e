import { ConfigError } from '@sockflow/core';

import type { Encoding, StreamEncoding } from './encoding.ts';

/** @throws ERR_SOCKFLOW_INVALID_OPTION where an encoding makes files and the destination is none */
export function requireStream(encoding: Encoding, destination: string): StreamEncoding {
  const stream = encoding.form === 'stream' ? encoding : encoding.asStream;
  if (stream !== undefined) return stream;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `the encoding ${encoding.name} makes files and cannot go to ${destination}`,
    { remedy: 'Write it to a file', details: { option: 'encoding', encoding: encoding.name } },
  );
}

/**
 * Refuses an output that several lanes would share, for an encoding whose header must stand in it once.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function requireOneLane(encoding: StreamEncoding, lanes: number, destination: string): void {
  if (lanes === 1 || encoding.hasHeader !== true) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${encoding.name} begins with a header, so ${lanes} lanes cannot share ${destination}`,
    {
      remedy:
        'Take one lane, put the lanes in order (order=time), or write to a file: each lane has a part of its own',
      details: { option: 'encoding', encoding: encoding.name, lanes },
    },
  );
}

/**
 * Refuses a terminal for what would only garble it.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function refuseTerminal(
  encoding: StreamEncoding,
  isTerminal: boolean,
  destination: string,
): void {
  if (encoding.isBinary !== true || !isTerminal) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `a ${encoding.name} is nothing for a terminal, and ${destination} is one`,
    {
      remedy: 'Pipe it to another command, redirect it to a file (> out.sfrec), or name a file',
      details: { option: 'encoding', encoding: encoding.name },
    },
  );
}
