import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { partPath } from '../../format/part-path.ts';
import { openRecording } from '../../reader/open-recording.ts';
import { readSystem } from './read-system.ts';

/** What is followed; crosses threads by structured clone. */
export type Followed =
  /** The parts of one recording by their final names: it ends when all of them are complete. */
  | { readonly type: 'parts'; readonly paths: readonly string[] }
  /** Whatever has or gets a name like this, `*` for any text: it does not end. */
  | { readonly type: 'series'; readonly pattern: string }
  /** A file without a name that somebody else writes into. */
  | { readonly type: 'spool'; readonly fd: number; readonly name: string };

/**
 * What a recording's name stands for when it is followed.
 *
 * @throws what opening the recording does: it must be there, unfinished or not
 * @throws ERR_SOCKFLOW_RECORDING_READ where the folder of a series is not there or cannot be read
 */
export function followedBy(path: string): Followed {
  if (path.includes('*')) {
    const folder = dirname(path);
    readSystem(folder, () => readdirSync(folder));
    return { type: 'series', pattern: path };
  }
  const { parts } = openRecording(path);
  const [first] = parts;
  const count = first?.parts ?? 1;
  if (parts.length === 1 && count === 1) return { type: 'parts', paths: [path] };
  const isOnePart = first !== undefined && parts.length === 1 && first.path.startsWith(path);
  if (isOnePart) return { type: 'parts', paths: [path] };
  const paths = Array.from({ length: count }, (_, part) => partPath(path, part, count));
  return { type: 'parts', paths };
}
