// What a recording says of its connections, for the demo: one row each, from the connecting end.
import { constants } from 'node:os';

import { Kind, Op, Role, fromReplay } from 'sockflow';

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, errno]) => [errno, name]));
const HEADINGS = ['connection', 'owner', 'RTTs', 'min / mean', 'in / out', 'end'];
const RIGHT = new Set([2, 3, 4]);

/** A table of the recording's connections, the heading first. */
export async function connectionLines(path) {
  const connections = new Map();
  await fromReplay(path).forEach((batch) => {
    batch.forEach((event) => add(connections, event));
  });
  const rows = [...connections.values()].filter(({ role }) => role === Role.CLIENT).map(cellsOf);
  const widths = HEADINGS.map((heading, index) =>
    Math.max(heading.length, ...rows.map((row) => row[index].length)),
  );
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, index) =>
        RIGHT.has(index) ? cell.padStart(widths[index]) : cell.padEnd(widths[index]),
      )
      .join('   ')
      .trimEnd(),
  );
}

function add(connections, event) {
  const known = connections.get(event.cookieNumber) ?? {
    role: event.role,
    name: `${event.localAddress}:${event.localPort} > ${event.remoteAddress}:${event.remotePort}`,
    owner: `${event.ownerComm ?? '?'}[${event.ownerPid ?? '?'}]`,
    samples: 0,
    sumUs: 0,
    minUs: Infinity,
    bytesIn: 0,
    bytesOut: 0,
    end: 'open',
  };
  connections.set(event.cookieNumber, known);
  if (event.kind === Kind.RTT_SUMMARY) {
    known.samples += event.rttCount;
    known.sumUs += event.rttSumUs;
    known.minUs = Math.min(known.minUs, event.rttLowUs);
  }
  known.bytesIn = event.bytesReceived ?? known.bytesIn;
  known.bytesOut = event.bytesAcked ?? known.bytesOut;
  if (event.op !== Op.STATE_CB || event.skErr === undefined) return;
  known.end = event.skErr === 0 ? 'closed' : (ERRNO_NAMES.get(event.skErr) ?? `${event.skErr}`);
}

function cellsOf({ name, owner, samples, sumUs, minUs, bytesIn, bytesOut, end }) {
  const rtt = samples === 0 ? '' : `${minUs} / ${Math.round(sumUs / samples)} us`;
  const bytes = bytesIn + bytesOut === 0 ? '' : `${kilo(bytesIn)} / ${kilo(bytesOut)} kB`;
  return [name, owner, samples === 0 ? '' : String(samples), rtt, bytes, end];
}

function kilo(bytes) {
  return (bytes / 1000).toFixed(1);
}
