import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { file, fromReplay, recording, writeTo } from 'sockflow';

import { sockflowOk } from '../../cli/sockflow-command.ts';

const BLOCK_BYTES = 64 * 1024;

/** A generated recording in small blocks, each of which a lane takes at once. @returns its path */
export async function makeBlocksRecording(dir: string, size: string): Promise<string> {
  const [whole, path] = [join(dir, 'whole.sfrec'), join(dir, 'in.sfrec')];
  sockflowOk(['gen', whole, '--size', size, '--seed', '4']);
  const sink = file(path, { encoding: recording({ blockBytes: BLOCK_BYTES }) });
  await writeTo(fromReplay(whole), sink);
  rmSync(whole);
  return path;
}
