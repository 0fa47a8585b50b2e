import type { ConnectionEnd } from '../../contracts/filter.ts';

/** A bit for each port: of the word that holds both ports, `remote` is asked with its low half as it lies there, `local` with its high half. */
export interface PortTable {
  readonly remote: Uint32Array;
  readonly local: Uint32Array;
}

const PORT_WORDS = 65536 / 32;

/** The table of a list of ports for one end or either. */
export function portTable(end: ConnectionEnd, ports: readonly number[]): PortTable {
  const table = { remote: new Uint32Array(PORT_WORDS), local: new Uint32Array(PORT_WORDS) };
  for (const port of ports) {
    // The remote port lies in network byte order.
    const swapped = ((port & 0xff) << 8) | (port >>> 8);
    if (end !== 'local') table.remote[swapped >>> 5]! |= 1 << (swapped & 31);
    if (end !== 'remote') table.local[port >>> 5]! |= 1 << (port & 31);
  }
  return table;
}

/** Whether one of the two ports in the word at bytes 40-43 is in the table. */
export function matchPort(table: PortTable, portWord: number): boolean {
  const remote = portWord & 0xffff;
  const local = portWord >>> 16;
  return (
    ((table.remote[remote >>> 5]! >>> (remote & 31)) & 1) !== 0 ||
    ((table.local[local >>> 5]! >>> (local & 31)) & 1) !== 0
  );
}
