import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { STDIO } from '../convert/text-input.ts';
import { CommandError } from '../errors.ts';
import { recordingsIn } from './recordings-in.ts';

/** A recording that is looked into as a whole, from its end too. */
export interface WholeRecording {
  /** Where it can be opened. */
  readonly path: string;
  /** What to call it. */
  readonly name: string;
  readonly close: () => Promise<void>;
}

/**
 * A recording by the name that was given; standard input is read to its end first, into a file without a name that goes with the process.
 *
 * @throws ERR_SOCKFLOW_INPUT_FILE where there is no room for it
 */
export async function wholeRecording(named: string): Promise<WholeRecording> {
  const [path = named] = recordingsIn([named]).paths;
  if (path !== STDIO) return { path, name: path, close: async () => {} };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'sockflow-'));
    const file = await open(join(folder, 'stdin'), 'wx+', 0o600);
    await rm(folder, { recursive: true });
    // The descriptor stays open for those that read: the stream writes to it and leaves it.
    await pipeline(process.stdin, createWriteStream('', { fd: file.fd, autoClose: false }));
    return {
      path: `/dev/fd/${file.fd}`,
      name: 'standard input',
      close: () => file.close(),
    };
  } catch (error) {
    throw new CommandError(
      'ERR_SOCKFLOW_INPUT_FILE',
      `the recording on standard input cannot be taken in: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
        details: { place: 'standard input' },
        remedy: 'Make room in the folder for temporary files, or name another one by TMPDIR',
      },
    );
  }
}
