import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { randomSlots, ORIGIN_A, ORIGIN_B } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import { scanRecording } from '../scan-recording.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { Draft, type Seal } from './draft.test.support.ts';

/** A recording that inputs are made of. */
export interface BaseFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** The other part of the recording, where it has two: it stays as it is. */
  readonly other?: Buffer;
}

const ID = '00112233445566778899aabbccddeeff';
const FIXTURES = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
/** Slots of a real recording that a base has: thousands of inputs a second are made of it. */
const REAL_SLOTS = 24;
const WHOLE: Seal = { bodies: true, offsets: true, index: true, headers: true, preamble: true };

/** Most of a small recording is its table of fields, which is read only where its fingerprint is another: most bases do without. */
function withoutFields({ bytes, ...rest }: BaseFile): BaseFile {
  const draft = new Draft(bytes);
  draft.setText(
    'descriptor',
    '{"creator":"fuzz","slotBytes":256,"fields":[],"kinds":{},"kindFields":{}}',
  );
  return { ...rest, bytes: draft.toFile(WHOLE) };
}

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
    ...[
      made('lane groups', () => writeRandom(path, [ORIGIN_A], 4)),
      made('no events', () => writeRandom(path, [])),
      made('real.sfrec', () => writeReal(path, 'real.sfrec')),
      made('live.sfrec', () => writeReal(path, 'live.sfrec')),
      made('lz4', () => writeReal(path, 'real.sfrec', 'lz4')),
      made('zstd', () => writeReal(path, 'live.sfrec', 'zstd')),
      twoParts(join(dir, 'two.sfrec')),
    ].map(withoutFields),
  ];
}

/** What two lanes wrote. */
function twoParts(path: string): BaseFile {
  prepareRecording(path, { lanes: 2, recordingId: ID });
  const [bytes, other] = [0, 1].map((lane) => {
    const writer = RecordingWriter.create(path, {
      recordingId: ID,
      origin: ORIGIN_A,
      lane,
      lanes: 2,
    });
    const slots = randomSlots({ count: 4, seed: lane, markerEvery: 4 });
    writer.appendSlots(slots.memory, 0, slots.endWord, lane === 0 ? ORIGIN_A : ORIGIN_B);
    writer.close();
    return readFileSync(path.replace('.sfrec', `.${lane}.sfrec`));
  });
  if (bytes === undefined || other === undefined) throw new Error('there are two parts');
  return { name: 'two parts', bytes, other };
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
