import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { killedAfter } from '../killed-child.test.support.ts';
import { randomSlots, slotTexts } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replayAll } from '../replay-all.test.support.ts';

const SLOTS = { count: 1000, seed: 9, values: 5 };
const BLOCK_BYTES = 65_536;

/** A child that writes for ever, and says after each append how many events it has written to the file. */
const FOR_EVER = `
  import { writeSync } from 'node:fs';
  import { RecordingWriter } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
  import { ORIGIN_A, randomSlots } from ${JSON.stringify(new URL('../random-slots.test.support.js', import.meta.url).href)};
  const [path, compression] = process.argv.slice(1);
  const slots = randomSlots(${JSON.stringify(SLOTS)});
  const writer = RecordingWriter.create(path, { blockBytes: ${BLOCK_BYTES}, compression });
  for (;;) {
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writeSync(1, writer.eventsWritten + ' ' + writer.eventsAppended + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
`;

for (const compression of ['lz4', 'zstd']) {
  test(`${compression}: a killed writer loses at most what it had not written, one block`, async (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    const lines = await killedAfter(t, 12, FOR_EVER, [path, compression]);
    const [written, appended] = lines.at(-1)!.split(' ').map(Number) as [number, number];
    const { events, parts } = openRecording(path);
    assert.ok(events >= written, 'what was written is there');
    assert.ok(events > appended - BLOCK_BYTES / 256 - 1, 'at most a block is missing');
    assert.ok(parts[0]!.blocks.storedBytes(0) < parts[0]!.blocks.payloadBytes(0));
    const [lane] = (await replayAll(path, { tolerateDamage: true })).lanes;
    const texts = slotTexts(randomSlots(SLOTS)).map((text) => `boot-a:${text}`);
    const expected = Array.from({ length: events }, (_, index) => texts[index % SLOTS.count]!);
    assert.deepEqual(lane!.events, expected);
  });
}
