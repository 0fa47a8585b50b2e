import { openSync, closeSync, readSync } from 'node:fs';

import { filterOp, fromSource, Op, SlotMemory } from '@sockflow/core';

import { drain } from '../../harness/drain.ts';
import { cutSpans, memorySource } from '../../harness/memory-source.ts';
import type { PeerEvent } from './peer-fields.ts';
import type { PeerInput } from './peer.ts';
import { toPeerEvent } from './to-peer-event.ts';

/** The first `slotBytes` of a file of slots: they end with a slot. */
export async function readPeerInput(path: string, slotBytes: number): Promise<PeerInput> {
  const memory = SlotMemory.allocate(slotBytes);
  const file = openSync(path, 'r');
  const readBytes = readSync(file, memory.u8, 0, slotBytes, 0);
  closeSync(file);
  if (readBytes !== slotBytes) throw new Error(`${path} has ${readBytes} of ${slotBytes} bytes`);
  const spans = cutSpans(memory, slotBytes, { id: 'bench' });
  const events: PeerEvent[] = [];
  const opEvents = fromSource(memorySource(spans), { views: 'reused' }).pipe(
    filterOp(...Object.values(Op)),
  );
  await drain(opEvents, (batch) => batch.forEach((event) => events.push(toPeerEvent(event))));
  return { events, spans, slotBytes };
}
