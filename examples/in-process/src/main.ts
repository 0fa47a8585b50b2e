import { argv, stdout } from 'node:process';

import { filter, groupBy, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import { filterOp, fromReplay, Op, select } from 'sockflow';

/** A connect that was answered. */
interface Handshake {
  readonly connection: string;
  readonly tookUs: number;
}

const [, , recording = 'fixtures/real.sfrec'] = argv;

/** From the SYN to the SYN-ACK, as the connecting host saw it: two events of one connection, paired by plain RxJS operators. */
const handshakes = fromReplay(recording).pipe(
  filterOp(Op.TCP_CONNECT_CB, Op.ACTIVE_ESTABLISHED_CB),
  select('cookie', 'tsNs', 'localAddress', 'localPort', 'remoteAddress', 'remotePort'),
  groupBy((event) => event.cookie),
  mergeMap((events) => events.pipe(toArray())),
  map(([connect, established]): Handshake | undefined => {
    if (connect === undefined || established === undefined) return undefined;
    const { localAddress, localPort, remoteAddress, remotePort } = connect;
    return {
      connection: `${localAddress ?? ''}:${localPort} > ${remoteAddress ?? ''}:${remotePort}`,
      tookUs: Number(established.tsNs - connect.tsNs) / 1000,
    };
  }),
  filter((handshake) => handshake !== undefined),
  toArray(),
);

const slowestFirst = (await lastValueFrom(handshakes)).toSorted((a, b) => b.tookUs - a.tookUs);
const medianUs = slowestFirst[slowestFirst.length >>> 1]?.tookUs ?? 0;

stdout.write(`${slowestFirst.length} handshakes, half of them within ${Math.round(medianUs)} us\n`);
for (const { connection, tookUs } of slowestFirst.slice(0, 3)) {
  stdout.write(`${tookUs.toFixed(0).padStart(9)} us  ${connection}\n`);
}
