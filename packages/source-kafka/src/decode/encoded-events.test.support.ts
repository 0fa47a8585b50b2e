import { fileURLToPath } from 'node:url';

import {
  type Batch,
  lendBatch,
  type Origin,
  SlotMemory,
  type SlotSpan,
  walkSlots,
  writeEventObject,
} from '@sockflow/core';
import { ByteOutput, type Encoder } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

/** One event or marker as a sink encodes it, and the slot that it was. */
export interface EncodedEvent {
  readonly value: Buffer;
  readonly isMarker: boolean;
  readonly origin: Origin;
  /** What `toObject()` gives, or the marker. */
  readonly object: object;
  /** What core makes of the object. */
  readonly slot: Uint32Array;
}

const scratch = SlotMemory.allocate(320);

function slotOf(object: object, origin: Origin): Uint32Array {
  return scratch.u32.slice(0, writeEventObject(scratch, 0, object, origin) / 4);
}

/** Items of a batch in their order: events, and markers in their places. */
function itemsOf(batch: Batch): { isMarker: boolean; object: object }[] {
  const items: { isMarker: boolean; object: object }[] = [];
  const objects = batch.toObjects();
  let at = 0;
  for (const { beforeIndex, ...marker } of batch.markers) {
    while (at < beforeIndex) items.push({ isMarker: false, object: objects[at++]! });
    items.push({ isMarker: true, object: { ...marker, originId: batch.origin.id } });
  }
  while (at < objects.length) items.push({ isMarker: false, object: objects[at++]! });
  return items;
}

/** What an encoder writes, item by item, without line ends: as the Kafka sink makes records of it. */
function itemsWritten(write: (out: ByteOutput) => void, trimBytes: number): Buffer[] {
  const values: Buffer[] = [];
  const out: ByteOutput = new ByteOutput((chunk) => {
    let start = 0;
    for (let item = 0; item < chunk.items; item++) {
      const end = chunk.itemEnds[item]!;
      values.push(Buffer.from(chunk.bytes.slice(start, end - trimBytes)));
      start = end;
    }
    out.release(chunk);
  });
  write(out);
  out.seal();
  return values;
}

/** A value of one's own, encoded. */
export function encodedValue(value: unknown, encoder: Encoder, trimBytes: number): Buffer {
  return itemsWritten((out) => encoder.encodeValue(value, out), trimBytes)[0]!;
}

function encodedBatch(batch: Batch, encoder: Encoder, trimBytes: number): EncodedEvent[] {
  const values = itemsWritten((out) => encoder.encodeBatch(batch, out), trimBytes);
  const { origin } = batch;
  return itemsOf(batch).map(({ isMarker, object }, index) => {
    return { value: values[index]!, isMarker, origin, object, slot: slotOf(object, origin) };
  });
}

/** Everything in a recording of fixtures/, encoded. */
export async function encodedRecording(
  name: string,
  encoder: Encoder,
  trimBytes: number,
): Promise<EncodedEvent[]> {
  const path = fileURLToPath(new URL(`../../../../fixtures/${name}`, import.meta.url));
  const events: EncodedEvent[] = [];
  await fromReplay(path).forEach((batch) => {
    events.push(...encodedBatch(batch, encoder, trimBytes));
  });
  return events;
}

/** The events of a span, encoded. */
export function encodedSlots(span: SlotSpan, encoder: Encoder, trimBytes: number): EncodedEvent[] {
  const words: number[] = [];
  walkSlots(span, (word) => words.push(word));
  const lent = lendBatch(
    {
      memory: span.memory,
      words: Uint32Array.from(words),
      size: words.length,
      markerWords: new Uint32Array(0),
      markerCount: 0,
    },
    span.origin,
    span.endTimeUs,
  );
  const events = encodedBatch(lent.batch, encoder, trimBytes);
  lent.release();
  return events;
}
