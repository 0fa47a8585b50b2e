import assert from 'node:assert/strict';

import type { EventObject } from 'sockflow';

import { eventsOf, ofOp, only, type Ports, storyOf } from '../events-of.ts';
import type { Deed } from './deed.ts';

/* What a recording of the golden traffic must tell of each of its connections, compared with what the traffic's own sockets and tcpdump know: nothing more, nothing less. */

/** linux/errno.h */
const ERRNO: Readonly<Record<string, number>> = {
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
};
const CLOSED_FIRST = [
  'SYN_SENT > ESTABLISHED',
  'ESTABLISHED > FIN_WAIT1',
  'FIN_WAIT1 > FIN_WAIT2',
  'FIN_WAIT2 > CLOSE',
];
const CLOSED_SECOND = [
  'SYN_RECV > ESTABLISHED',
  'ESTABLISHED > CLOSE_WAIT',
  'CLOSE_WAIT > LAST_ACK',
  'LAST_ACK > CLOSE',
];
const RESET = `error ${ERRNO['ECONNRESET']}`;

interface Lives {
  readonly client: readonly string[];
  readonly server: readonly string[];
}

/** The states that the ends of each kind of connection go through. */
const LIVES: Readonly<Record<string, Lives>> = {
  existing: { client: CLOSED_FIRST.slice(1), server: CLOSED_SECOND.slice(1) },
  refused4: { client: [`SYN_SENT > CLOSE error ${ERRNO['ECONNREFUSED']}`], server: [] },
  refused6: { client: [`SYN_SENT > CLOSE error ${ERRNO['ECONNREFUSED']}`], server: [] },
  silent: { client: [`SYN_SENT > CLOSE error ${ERRNO['ETIMEDOUT']}`], server: [] },
  half_open: { client: ['SYN_SENT > CLOSE'], server: [] },
  reset_by_client: {
    client: ['SYN_SENT > ESTABLISHED', 'ESTABLISHED > CLOSE'],
    server: ['SYN_RECV > ESTABLISHED', `ESTABLISHED > CLOSE ${RESET}`],
  },
  reset_by_server: {
    client: ['SYN_SENT > ESTABLISHED', `ESTABLISHED > CLOSE ${RESET}`],
    server: ['SYN_RECV > ESTABLISHED', 'ESTABLISHED > CLOSE'],
  },
};
const ORDERLY: Lives = { client: CLOSED_FIRST, server: CLOSED_SECOND };

/** Expects that the events are those of the deeds' connections and of their listeners, and tell of each what it did. */
export function assertTells(events: readonly EventObject[], deeds: readonly Deed[]): void {
  let told = 0;
  for (const deed of deeds) {
    const ends = endsOf(events, deed);
    told += ends.client.length + ends.server.length;
    for (const assertOne of [
      assertPlaces,
      assertLives,
      assertSnapshots,
      assertBytes,
      assertRepeats,
      assertHandshake,
      assertHeaders,
      assertStamps,
    ]) {
      assertOne(deed, ends);
    }
  }
  const listening = events.filter(
    ({ state, newState, op }) =>
      op === 'TCP_LISTEN_CB' || state === 'LISTEN' || newState === 'LISTEN',
  );
  assert.equal(told + listening.length, events.length, 'nothing else happened');
  const ports = new Set(ofOp(listening, 'TCP_LISTEN_CB').map(({ localPort }) => localPort));
  const listened = deeds.filter(
    ({ what, server }) => server.pid !== undefined && what !== 'existing',
  );
  assert.deepEqual(ports, new Set(listened.map(({ server }) => server.port)));
}

interface Ends {
  readonly client: readonly EventObject[];
  readonly server: readonly EventObject[];
}

function endsOf(events: readonly EventObject[], { client, server }: Deed): Ends {
  return {
    client: socketOf(events, { localPort: client.port, remotePort: server.port }),
    server: socketOf(events, { localPort: server.port, remotePort: client.port }),
  };
}

/** Events of the socket with these ports: of its cookie, since an RST after the close has given its port back. */
function socketOf(events: readonly EventObject[], ports: Ports): EventObject[] {
  const cookies = new Set(eventsOf(events, ports).map(({ cookie }) => cookie));
  return events.filter(({ cookie }) => cookies.has(cookie));
}

function assertPlaces({ what, client, server }: Deed, ends: Ends): void {
  for (const [events, near, far, role] of [
    [ends.client, client, server, 'CLIENT'],
    [ends.server, server, client, 'SERVER'],
  ] as const) {
    const cookies = new Set(
      events.filter(({ isFullsock }) => isFullsock).map(({ cookie }) => cookie),
    );
    assert.ok(cookies.size <= 1, `${what}: one socket`);
    for (const event of events) {
      assert.deepEqual(
        [event.localAddress, event.remoteAddress],
        [near.address, far.address],
        what,
      );
      // Of what was there before nobody knows who called connect or listen; of a request socket not yet.
      if (what === 'existing' || !event.isFullsock) continue;
      assert.deepEqual(
        [event.role, event.ownerPid, event.ownerComm],
        [role, near.pid, client.comm],
        what,
      );
    }
  }
}

function assertLives({ what }: Deed, ends: Ends): void {
  const lives = LIVES[what] ?? ORDERLY;
  for (const end of ['client', 'server'] as const) {
    assert.deepEqual(storyOf(ofOp(ends[end], 'STATE_CB')), lives[end], `${what}: ${end}`);
  }
}

/** What was there before is told first, as it was; and nothing else is. */
function assertSnapshots({ what }: Deed, ends: Ends): void {
  for (const end of ['client', 'server'] as const) {
    const snapshots = ends[end].filter(({ kind }) => kind === 'SNAPSHOT');
    assert.equal(snapshots.length, what === 'existing' ? 1 : 0, `${what}: ${end}`);
    for (const snapshot of snapshots) {
      assert.equal(ends[end][0], snapshot);
      assert.equal(snapshot.state, 'ESTABLISHED');
    }
  }
}

/** The SYN counts at the client, a FIN at both ends: as sent, and as received. */
function assertBytes({ what, sentBytes, receivedBytes, error }: Deed, ends: Ends): void {
  const [client, server] = [ends.client, ends.server].map((events) =>
    events.filter(({ newState }) => newState === 'CLOSE'),
  );
  if (sentBytes === 0) return;
  const hasFins = error === undefined && what !== 'reset_by_client';
  const fin = hasFins ? 1 : 0;
  const { bytesAcked, bytesReceived } = only(client ?? []);
  assert.deepEqual(
    [bytesAcked, bytesReceived],
    [1 + sentBytes + fin, receivedBytes + fin],
    `${what}: client`,
  );
  const far = only(server ?? []);
  assert.deepEqual(
    [far.bytesAcked, far.bytesReceived],
    [receivedBytes + fin, sentBytes + fin],
    `${what}: server`,
  );
}

function assertRepeats({ what, wire }: Deed, { client }: Ends): void {
  const repeats = ofOp(client, 'RETRANS_CB');
  const timeouts = ofOp(client, 'RTO_CB');
  const seqs = repeats
    .filter(({ state }) => state !== 'SYN_SENT')
    .map(({ retransSeq }) => retransSeq);
  if (what === 'stall') {
    // Two timeouts were waited for. What lies in a queue of the link's meanwhile is not sent again by TCP (EBUSY, before the callback), but by the link: so there may be no repeat at all.
    assert.ok(timeouts.length >= 2, `${timeouts.length} timeouts`);
    for (const seq of seqs) assert.ok(wire.repeatedSeqs.includes(seq ?? -1), `${seq}`);
  } else {
    assert.deepEqual(seqs, wire.repeatedSeqs, what);
    if (wire.repeatedSeqs.length === 0 && wire.syns <= 1) assert.equal(timeouts.length, 0, what);
  }
  const synRepeats = repeats.filter(({ state }) => state === 'SYN_SENT');
  assert.equal(synRepeats.length, Math.max(0, wire.syns - 1), `${what}: SYNs sent again`);
}

function assertHandshake({ what, wire }: Deed, { client, server }: Ends): void {
  assert.equal(ofOp(client, 'TCP_CONNECT_CB').length, Math.min(wire.syns, 1), what);
  const isJoined = LIVES[what] === undefined || what.startsWith('reset');
  assert.equal(ofOp(client, 'ACTIVE_ESTABLISHED_CB').length, isJoined ? 1 : 0, what);
  assert.equal(ofOp(server, 'PASSIVE_ESTABLISHED_CB').length, isJoined ? 1 : 0, what);
  const requests = ofOp(server, 'NEEDS_ECN').filter(({ isFullsock }) => !isFullsock);
  assert.equal(requests.length, wire.synAcks, `${what}: each SYN-ACK`);
  if (isJoined) {
    assert.equal(only(ofOp(client, 'ACTIVE_ESTABLISHED_CB')).tcpHeaderHex, wire.synAckHeader, what);
    assert.equal(requests[0]?.cookie, only(ofOp(server, 'PASSIVE_ESTABLISHED_CB')).cookie, what);
  }
}

function assertHeaders({ what, wire }: Deed, { client }: Ends): void {
  assert.equal(
    ofOp(client, 'WRITE_HDR_OPT_CB').length,
    wire.withOption,
    `${what}: headers written`,
  );
}

/** Each message of the traffic was one sendmsg. */
function assertStamps({ what, sentBytes }: Deed, { client }: Ends): void {
  const keys = new Set(ofOp(client, 'TSTAMP_SENDMSG_CB').map(({ tskey }) => tskey));
  const messages = sentBytes / 300;
  if (what === 'existing') return;
  assert.equal(keys.size, messages, `${what}: messages`);
  const acks = new Set(ofOp(client, 'TSTAMP_ACK_CB').map(({ tskey }) => tskey));
  assert.deepEqual(acks, keys, `${what}: acknowledged`);
}
