import { ACCESSORS } from '../accessors.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import { Kind } from '../kind.ts';
import { Op } from '../op.ts';

/** What a machine needs to read the record: fields, kinds, ops, and the values that decoding offers. */
export function generateJson(): string {
  const fields = EVENT_FIELDS.map(
    ({ name, offset, type, bits, from, narrowed, presence, bit, since, doc }) => ({
      name,
      offset,
      type,
      ...(bits === undefined ? {} : { bits }),
      from,
      ...(narrowed === undefined ? {} : { narrowed }),
      presence,
      presenceBit: bit,
      since,
      doc,
    }),
  );
  const values = ACCESSORS.map(({ name, field, ops, kind, read, object, doc }) => ({
    name,
    ...(field === undefined ? {} : { field }),
    ...(ops === undefined ? {} : { ops }),
    ...(kind === undefined ? {} : { kind }),
    read,
    ...(object === undefined ? {} : { object }),
    doc,
  }));
  const overlays = {
    RTT_SUMMARY: RTT_SUMMARY_FIELDS,
    LOSS_MARKER: LOSS_MARKER_FIELDS,
    CLOCK_ANCHOR: CLOCK_ANCHOR_FIELDS,
  };
  const schema = {
    name: 'sockflow-event',
    slotBytes: 256,
    byteOrder: 'little',
    kinds: Kind,
    ops: Op,
    fields,
    overlays,
    values,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
