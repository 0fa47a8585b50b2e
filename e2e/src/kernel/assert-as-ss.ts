import assert from 'node:assert/strict';

import type { SsSocket } from '@sockflow/test-support';
import type { EventObject } from 'sockflow';

/** Fields of an event and the numbers of ss that are the same word of the kernel's socket; ss leaves out what is 0. */
const SAME_NUMBERS = {
  sndCwnd: 'cwnd',
  mssCache: 'mss',
  bytesAcked: 'bytes_acked',
  bytesReceived: 'bytes_received',
  segsIn: 'segs_in',
  segsOut: 'segs_out',
  dataSegsIn: 'data_segs_in',
  dataSegsOut: 'data_segs_out',
  packetsOut: 'unacked',
  lostOut: 'lost',
  sackedOut: 'sacked',
} as const;
/** TCP_INFINITE_SSTHRESH of net/tcp.h; ss leaves out what is no threshold yet. */
const NO_THRESHOLD = 0x7fffffff;

/** Expects that an event tells of its socket what ss told at a moment from which on nothing has changed. */
export function assertAsSs(event: EventObject, socket: SsSocket): void {
  assert.equal(event.cookie, socket.cookie, 'cookie');
  assert.deepEqual([event.localPort, event.remotePort], [socket.localPort, socket.remotePort]);
  const given = Object.keys(SAME_NUMBERS).map((name) => [name, event[name as 'sndCwnd']]);
  const told = Object.entries(SAME_NUMBERS).map(([name, word]) => [
    name,
    socket.numbers[word] ?? 0,
  ]);
  assert.deepEqual(Object.fromEntries(given), Object.fromEntries(told), socket.text);
  assert.equal(event.srttUs, socket.rttUs, `srttUs beside ${socket.text}`);
  assert.equal(event.rttMinUs, socket.minRttUs, `rttMinUs beside ${socket.text}`);
  assert.equal(event.retransOut, socket.retransOut, 'retransOut');
  assert.equal(event.totalRetrans, socket.totalRetrans, 'totalRetrans');
  assert.equal(event.sndSsthresh, socket.numbers['ssthresh'] ?? NO_THRESHOLD, 'sndSsthresh');
  assertRate(event, socket);
}

/** ss tells bytes per second of what the socket holds as packets and us. */
function assertRate(event: EventObject, socket: SsSocket): void {
  const bitsPerSec = Number(/delivery_rate (\d+)bps/.exec(socket.text)?.[1] ?? 0);
  const { rateDelivered = 0, rateIntervalUs = 0, mssCache = 0 } = event;
  if (bitsPerSec === 0) return assert.equal(rateDelivered, 0);
  const bytesPerSec = (rateDelivered * mssCache * 1e6) / rateIntervalUs;
  assert.equal(Math.floor(bytesPerSec), bitsPerSec / 8, 'rateDelivered packets in rateIntervalUs');
}
