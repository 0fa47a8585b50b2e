import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import type { OpContext } from '../schema/generated/context-event.ts';
import { SlotView } from '../schema/generated/slot-view.ts';
import type { Origin } from '../schema/origin.ts';
import { SlotMemory } from './slot-memory.ts';
import { writeContextEvent } from './write-context-event.ts';

const FIXTURE = new URL('../../../../fixtures/real-context.ndjson.gz', import.meta.url);

/** A line of the real events: with the line's number and the pid that the kernel gave as the current one. */
export type RealLine = OpContext & { readonly seq: number; readonly current_pid: number };

/** The real events as they were captured. */
export function realLines(): RealLine[] {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RealLine);
}

/** A view of an event, alone in memory of its own. */
export function viewOf(event: OpContext | object, origin: Origin = { id: 'host' }): SlotView {
  const memory = SlotMemory.allocate(1);
  writeContextEvent(memory, 0, event as OpContext);
  return new SlotView(memory.u32, memory.big, 0, origin);
}

/** The real events with a view of each, all in one memory. */
export function realViews(origin: Origin = { id: 'host' }): { line: RealLine; view: SlotView }[] {
  const lines = realLines();
  const memory = SlotMemory.allocate(lines.length * 320);
  let word = 0;
  return lines.map((line) => {
    const view = new SlotView(memory.u32, memory.big, word, origin);
    word += writeContextEvent(memory, word, line) / 4;
    return { line, view };
  });
}
