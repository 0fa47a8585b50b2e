import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { type ContextEvent, SlotMemory, writeContextEvent } from '@sockflow/core';
import { RecordingWriter } from '@sockflow/source-replay';

import { batchOf, ORIGIN } from './batch-of.test.support.ts';

const FIXTURE = new URL('../../../fixtures/real-context.ndjson.gz', import.meta.url);
const MAX_SLOT_BYTES = 320;

/** The real events as they were captured. */
export function realEvents(): ContextEvent[] {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as ContextEvent);
}

/** Writes the real events as a recording of small blocks; how many they are. */
export function realRecording(path: string): number {
  const events = realEvents();
  const memory = SlotMemory.allocate(events.length * MAX_SLOT_BYTES);
  const words: number[] = [];
  let word = 0;
  for (const event of events) {
    words.push(word);
    word += writeContextEvent(memory, word, event) / 4;
  }
  const writer = RecordingWriter.create(path, { blockBytes: 65536 });
  writer.appendSelection(batchOf(memory, words, ORIGIN));
  writer.close();
  return events.length;
}
