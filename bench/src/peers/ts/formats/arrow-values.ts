import { type RecordBatch, tableFromIPC } from 'apache-arrow';

import { ANY_CB, OP_MASK } from '../../../harness/bench-filter.ts';
import { PEER_FIELDS, type PeerFieldType } from '../peer-fields.ts';
import type { Encode, Found } from '../peer.ts';
import { type ArrowColumn, arrowColumn, hasValue } from './arrow-column.ts';
import { arrowStream } from './arrow-stream.ts';
import { sumBits, sumF64, sumLengths, sumU16, sumU32, sumU64, sumU8 } from './arrow-sums.ts';

/** Loops over the typed arrays behind the columns, batch by batch. */
export const encode: Encode = ({ events }) => {
  const bytes = arrowStream(events);
  const over = (task: (batch: RecordBatch) => Found) => (): Found => {
    let count = 0;
    let checksum = 0;
    for (const batch of tableFromIPC(bytes).batches) {
      const found = task(batch);
      count += found.count;
      checksum = (checksum + found.checksum) | 0;
    }
    return { count, checksum: checksum >>> 0 };
  };
  return {
    bytes: bytes.length,
    'five-fields': over(fiveFields),
    'every-field': over(everyField),
    filter: over(filter),
  };
};

/* What an event lacks is null, and the values of rows that are null are 0 in what this library writes; the format promises nothing, so that the sum of an optional one looks at its bit. */
function fiveFields(batch: RecordBatch): Found {
  const srttUs = arrowColumn<Uint32Array>(batch, 'srttUs');
  const sndCwnd = arrowColumn<Uint32Array>(batch, 'sndCwnd');
  const totalRetrans = arrowColumn<Uint32Array>(batch, 'totalRetrans');
  const bytesAcked = arrowColumn<BigUint64Array>(batch, 'bytesAcked');
  const localPort = arrowColumn<Uint16Array>(batch, 'localPort');
  let checksum = 0;
  for (let row = 0; row < srttUs.rows; row++) {
    if (!has(srttUs, row)) continue;
    let sum = srttUs.values[row]! + localPort.values[row]!;
    if (has(sndCwnd, row)) sum += sndCwnd.values[row]!;
    if (has(totalRetrans, row)) sum += totalRetrans.values[row]!;
    if (has(bytesAcked, row)) sum += Number(bytesAcked.values[row]!);
    checksum = (checksum + sum) | 0;
  }
  return { count: srttUs.rows, checksum };
}

function has({ validity }: ArrowColumn<unknown>, row: number): boolean {
  return validity === undefined || hasValue(validity, row);
}

const SUMS: Readonly<Record<PeerFieldType, (batch: RecordBatch, name: string) => number>> = {
  u8: (batch, name) => sumU8(arrowColumn(batch, name)),
  u16: (batch, name) => sumU16(arrowColumn(batch, name)),
  u32: (batch, name) => sumU32(arrowColumn(batch, name)),
  u64: (batch, name) => sumU64(arrowColumn(batch, name)),
  f64: (batch, name) => sumF64(arrowColumn(batch, name)),
  boolean: (batch, name) => sumBits(arrowColumn(batch, name)),
  text: () => 0,
  bytes: (batch, name) => sumLengths(arrowColumn(batch, name)),
};

function everyField(batch: RecordBatch): Found {
  let checksum = 0;
  for (const [name, type] of Object.entries(PEER_FIELDS))
    checksum = (checksum + SUMS[type](batch, name)) | 0;
  return { count: batch.numRows, checksum };
}

function filter(batch: RecordBatch): Found {
  const op = arrowColumn<Uint8Array>(batch, 'op');
  const cbFlags = arrowColumn<Uint8Array>(batch, 'cbFlags');
  let count = 0;
  for (let row = 0; row < op.rows; row++) {
    if (((OP_MASK >>> op.values[row]!) & 1) === 0 || !has(cbFlags, row)) continue;
    if ((cbFlags.values[row]! & ANY_CB) !== 0) count++;
  }
  return { count, checksum: 0 };
}
