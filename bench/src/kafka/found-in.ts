import type { MessageToProduce } from '@platformatic/kafka';
import { Kind, RING_HEADER_BYTES } from '@sockflow/core';

import type { BenchBroker } from './bench-broker.ts';
import { PACKED, type RecordShape } from './places.ts';
import { readBack } from './read-back.ts';

const KIND_OFFSET = 8;

/**
 * What a topic holds, as the answer of a pass: its records; where they are packed, the events in them, read back. Packed records are as many as fit into the requests, which differ from
 * side to side.
 */
export async function foundIn(
  broker: BenchBroker,
  topic: string,
  shape: RecordShape,
): Promise<string> {
  const records = await broker.recordsIn(topic);
  if (shape !== PACKED) return `${records} records`;
  return `${packedEvents(await readBack(broker, topic, records))} events`;
}

/** Events in packed records: slots one after another, by the words with their lengths; markers are no events. */
export function packedEvents(records: readonly MessageToProduce[]): number {
  let events = 0;
  for (const { value = Buffer.alloc(0) } of records) {
    if (value === null) continue;
    for (let at = 0; at < value.length; at += value.readUInt32LE(at) + RING_HEADER_BYTES) {
      const kind = value[at + KIND_OFFSET];
      if (kind !== Kind.LOSS_MARKER && kind !== Kind.CLOCK_ANCHOR) events++;
    }
  }
  return events;
}
