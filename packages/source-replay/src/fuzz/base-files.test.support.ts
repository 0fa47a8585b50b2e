import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { randomSlots, ORIGIN_A, ORIGIN_B } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import { scanRecording } from '../scan-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';

/** A recording that inputs are made of. */
export interface BaseFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const ID = '00112233445566778899aabbccddeeff';
const FIXTURES = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
/** Slots of a real recording that a base has: thousands of inputs a second are made of it. */
const REAL_SLOTS = 24;

/** What inputs are made of: small recordings of each form that a writer can give them, and the beginnings of real ones. `dir`: where they are written. */
export function baseFiles(dir: string): BaseFile[] {
  const path = join(dir, 'base.sfrec');
  const made = (name: string, write: () => void): BaseFile => {
    write();
    return { name, bytes: readFileSync(path) };
  };
  return [
    made('one origin', () => writeRandom(path, [ORIGIN_A, ORIGIN_A])),
    made('two origins, markers, long slots', () =>
      writeRandom(path, [ORIGIN_A, ORIGIN_B, ORIGIN_A]),
    ),
    made('lane groups', () => writeRandom(path, [ORIGIN_A], 4)),
    made('no events', () => writeRandom(path, [])),
    made('real.sfrec', () => writeReal(path, 'real.sfrec')),
    made('live.sfrec', () => writeReal(path, 'live.sfrec')),
    made('lz4', () => writeReal(path, 'real.sfrec', 'lz4')),
    made('zstd', () => writeReal(path, 'live.sfrec', 'zstd')),
  ];
}

function writeRandom(path: string, origins: readonly (typeof ORIGIN_A)[], laneGroups = 1): void {
  const writer = RecordingWriter.create(path, { recordingId: ID, origin: ORIGIN_A, laneGroups });
  for (const [seed, origin] of origins.entries()) {
    const slots = randomSlots({ count: 4, seed, markerEvery: 4, longEvery: 3 });
    writer.appendSlots(slots.memory, 0, slots.endWord, origin);
    writer.flush();
  }
  writer.close();
}

/** Slots of all kinds that the real one has, in two blocks. */
function writeReal(
  path: string,
  fixture: string,
  compression: 'none' | 'lz4' | 'zstd' = 'none',
): void {
  const recording = openRecording(join(FIXTURES, fixture));
  const [origin] = recording.origins;
  const every = Math.ceil((recording.events + recording.markers) / REAL_SLOTS);
  const writer = RecordingWriter.create(path, {
    recordingId: ID,
    compression,
    ...(origin === undefined ? {} : { origin }),
  });
  let slot = 0;
  scanRecording(recording, (memory, word, bytes, own) => {
    if (slot++ % every !== 0) return;
    writer.appendSlots(memory, word, word + bytes / 4, own);
    if (slot > (REAL_SLOTS * every) / 2 && slot <= (REAL_SLOTS * every) / 2 + every) writer.flush();
  });
  writer.close();
}
