import { type Table, tableFromIPC, type Vector } from 'apache-arrow';

import { ANY_CB, OP_MASK } from '../../../harness/bench-filter.ts';
import { PEER_FIELDS } from '../peer-fields.ts';
import type { Encode, Found } from '../peer.ts';
import { arrowStream } from './arrow-stream.ts';

type Value = number | bigint | boolean | Uint8Array | null;

/* Text is in the table, but nothing of it is summed. */
const SUMMED = Object.entries(PEER_FIELDS).flatMap(([name, type]) =>
  type === 'text' ? [] : [name],
);

/** Value by value through the vectors of a table: `getChild(name).get(row)`. */
export const encode: Encode = ({ events }) => {
  const bytes = arrowStream(events);
  return {
    bytes: bytes.length,
    'five-fields': () => fiveFields(tableFromIPC(bytes)),
    'every-field': () => everyField(tableFromIPC(bytes)),
    filter: () => filter(tableFromIPC(bytes)),
  };
};

function columnOf(table: Table, name: string): Vector {
  const vector = table.getChild(name);
  if (vector === null) throw new Error(`no column ${name}`);
  return vector;
}

function numberOf(value: Value): number {
  if (value === null) return 0;
  return value instanceof Uint8Array ? value.length : Math.floor(Number(value));
}

function fiveFields(table: Table): Found {
  const srttUs = columnOf(table, 'srttUs');
  const sndCwnd = columnOf(table, 'sndCwnd');
  const totalRetrans = columnOf(table, 'totalRetrans');
  const bytesAcked = columnOf(table, 'bytesAcked');
  const localPort = columnOf(table, 'localPort');
  const count = table.numRows;
  let checksum = 0;
  for (let row = 0; row < count; row++) {
    const srtt = srttUs.get(row) as number | null;
    if (srtt === null) continue;
    const more =
      ((sndCwnd.get(row) as number | null) ?? 0) +
      ((totalRetrans.get(row) as number | null) ?? 0) +
      Number((bytesAcked.get(row) as bigint | null) ?? 0) +
      (localPort.get(row) as number);
    checksum = (checksum + srtt + more) | 0;
  }
  return { count, checksum: checksum >>> 0 };
}

function everyField(table: Table): Found {
  const count = table.numRows;
  let checksum = 0;
  for (const name of SUMMED) {
    const column = columnOf(table, name);
    for (let row = 0; row < count; row++)
      checksum = (checksum + numberOf(column.get(row) as Value)) | 0;
  }
  return { count, checksum: checksum >>> 0 };
}

function filter(table: Table): Found {
  const op = columnOf(table, 'op');
  const cbFlags = columnOf(table, 'cbFlags');
  let count = 0;
  for (let row = 0; row < table.numRows; row++) {
    if (((OP_MASK >>> (op.get(row) as number)) & 1) === 0) continue;
    if ((((cbFlags.get(row) as number | null) ?? 0) & ANY_CB) !== 0) count++;
  }
  return { count, checksum: 0 };
}
