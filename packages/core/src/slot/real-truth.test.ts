import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { SlotView } from '../schema/generated/slot-view.ts';
import { TCP_STATE_NAMES } from '../schema/names.ts';
import { Op } from '../schema/op.ts';
import { Role } from '../schema/role.ts';
import { realViews } from './real-events.test.helper.ts';

/* What views say of the real events against what the traffic generator knows it did (fixtures/real-did.ndjson). */
interface Did {
  readonly t_boot_ns: string;
  readonly what: string;
  readonly port: number;
  readonly connections: number;
  readonly client_ports?: readonly number[];
}

const DID = readFileSync(new URL('../../../../fixtures/real-did.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Did);
const VIEWS = realViews({ id: 'real', hz: 250 }).map(({ view }) => view);

/** Sockets of a server port: each one's events, in order. */
function socketsOf(port: number): SlotView[][] {
  const sockets = new Map<string, SlotView[]>();
  for (const view of VIEWS) {
    if (view.localPort !== port && view.remotePort !== port) continue;
    const key = `${view.netnsCookie}:${view.cookie}`;
    const events = sockets.get(key);
    if (events === undefined) sockets.set(key, [view]);
    else events.push(view);
  }
  return [...sockets.values()];
}

function clientsOf(port: number): SlotView[][] {
  return socketsOf(port).filter((events) => events.some((view) => view.op === Op.TCP_CONNECT_CB));
}

function serversOf(port: number): SlotView[][] {
  return socketsOf(port).filter((events) =>
    events.some((view) => view.op === Op.PASSIVE_ESTABLISHED_CB),
  );
}

function stateOf(state: number | undefined): string {
  return state === undefined ? 'absent' : TCP_STATE_NAMES[state]!;
}

/** The states a socket went through, with the error it had where it had one. */
function pathOf(events: readonly SlotView[]): string {
  const changes = events.filter((view) => view.op === Op.STATE_CB);
  const [first] = changes;
  const steps = changes.map((view) => {
    const error = view.skErr === 0 ? '' : `(${view.skErr})`;
    return `${stateOf(view.newState)}${error}`;
  });
  return [stateOf(first?.oldState), ...steps].join(' ');
}

function countOf(sockets: readonly SlotView[][], op: number): number {
  return sockets.flat().filter((view) => view.op === op).length;
}

function did(what: string): Did {
  const found = DID.find((entry) => entry.what === what);
  assert.ok(found !== undefined);
  return found;
}

const CLOSED_FIRST = 'SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE';
const CLOSED_SECOND = 'SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE';
const ECONNREFUSED = 111;
const ECONNRESET = 104;
const PATHS: Readonly<Record<string, { client: string; server?: string }>> = {
  refused: { client: `SYN_SENT CLOSE(${ECONNREFUSED})` },
  reset: {
    client: 'SYN_SENT ESTABLISHED CLOSE',
    server: `SYN_RECV ESTABLISHED CLOSE(${ECONNRESET})`,
  },
  blackhole: { client: 'SYN_SENT CLOSE' },
  halfopen: { client: 'SYN_SENT CLOSE' },
};

for (const { what, port, connections, client_ports: clientPorts } of DID) {
  const { client, server } = PATHS[what] ?? { client: CLOSED_FIRST, server: CLOSED_SECOND };

  test(`${what}: as many connections as were made, each through its states`, () => {
    const clients = clientsOf(port);
    assert.equal(clients.length, connections);
    for (const events of clients) assert.equal(pathOf(events), client);
    const servers = serversOf(port);
    assert.equal(servers.length, server === undefined ? 0 : connections);
    for (const events of servers) assert.equal(pathOf(events), server);
  });

  test(`${what}: both ends have the ports and addresses of their connection`, () => {
    const clients = clientsOf(port);
    if (clientPorts !== undefined) {
      const seen = clients.map(([view]) => view!.localPort).toSorted((a, b) => a - b);
      assert.deepEqual(seen, [...clientPorts]);
    }
    const isIp6 = what === 'echo6';
    const [near, far] = isIp6 ? ['fd03::1', 'fd03::2'] : ['10.203.0.1', '10.203.0.2'];
    for (const view of clients.flat())
      assert.deepEqual([view.localAddress, view.remoteAddress, view.remotePort], [near, far, port]);
    for (const view of serversOf(port).flat())
      assert.deepEqual([view.localAddress, view.remoteAddress, view.localPort], [far, near, port]);
  });
}

test('the owner is the process that called connect or listen, whatever ran at the moment', () => {
  const owned = VIEWS.filter((view) => view.ownerPid !== undefined);
  assert.ok(owned.length > 2000);
  for (const view of owned) assert.equal(view.ownerComm, 'python3');
  for (const { port } of DID) {
    const clients = clientsOf(port)
      .flat()
      .filter((view) => view.role !== undefined);
    for (const view of clients) assert.equal(view.role, Role.CLIENT);
    const servers = serversOf(port)
      .flat()
      .filter((view) => view.role !== undefined);
    for (const view of servers) assert.equal(view.role, Role.SERVER);
  }
});

test('loss and stall are seen as retransmits, the stall as growing timeouts', () => {
  assert.ok(countOf(clientsOf(did('loss').port), Op.RETRANS_CB) > 0);
  const stalled = clientsOf(did('stall').port);
  const timeouts = stalled.flat().filter((view) => view.op === Op.RTO_CB);
  assert.ok(timeouts.length >= 2);
  for (const [index, view] of timeouts.entries()) {
    assert.equal(view.retransmits, index);
    assert.ok(view.rtoUs! >= 200_000 && view.rtoUs! % 4000 === 0, String(view.rtoUs));
    if (index > 0) {
      // Each doubles the last one, to the tick.
      const ratio = view.rtoJiffies! / timeouts[index - 1]!.rtoJiffies!;
      assert.ok(Math.abs(ratio - 2) < 0.05, String(ratio));
      const waitedUs = view.tsUs - timeouts[index - 1]!.tsUs;
      assert.ok(Math.abs(waitedUs - timeouts[index - 1]!.rtoUs! * 2) < 50_000, String(waitedUs));
    }
  }
  assert.ok(countOf(stalled, Op.RETRANS_CB) >= timeouts.length);
  assert.equal(countOf(clientsOf(did('echo4').port), Op.RETRANS_CB), 0);
});

test('a SYN into the void is retransmitted a second and more apart', () => {
  for (const what of ['blackhole', 'halfopen']) {
    const timeouts = clientsOf(did(what).port)
      .flat()
      .filter((view) => view.op === Op.RTO_CB);
    assert.ok(timeouts.length >= 2);
    assert.equal(timeouts[0]!.rtoUs, 1_000_000);
    for (const view of timeouts) assert.equal(view.state, 2);
  }
});

test('a half-open connection leaves request sockets that never become one', () => {
  const { port } = did('halfopen');
  const requests = socketsOf(port).filter((events) => events.every((view) => !view.isFullsock));
  assert.ok(requests.length >= 1);
  // Each SYN-ACK asks for ECN anew: the second time is a retransmit.
  assert.ok(requests.some((events) => countOf([events], Op.NEEDS_ECN) > 1));
  assert.equal(serversOf(port).length, 0);
});

test('a request socket has the cookie of the connection that it becomes', () => {
  for (const events of serversOf(did('echo4').port)) {
    assert.equal(events[0]!.isFullsock, false);
    assert.equal(events.at(-1)!.isFullsock, true);
  }
});

test('RTT samples move the smoothed RTT as the kernel says they do', () => {
  for (const events of clientsOf(did('echo4').port)) {
    const samples = events.filter((view) => view.op === Op.RTT_CB);
    assert.equal(samples[0]!.srttUs, 0);
    assert.equal(samples[0]!.newSrttUs, samples[0]!.mrttUs);
    for (const [index, view] of samples.entries()) {
      assert.ok(view.mrttUs! > 0 && view.mrttUs! < 50_000);
      if (index > 0) assert.ok(view.srttUs! > 0);
    }
  }
});

test('each sendmsg is stamped four times under one key, in order', () => {
  const stamps = clientsOf(did('tstamp').port)
    .flat()
    .filter((view) => view.op >= Op.TSTAMP_SCHED_CB && view.op <= Op.TSTAMP_SENDMSG_CB);
  const ops = stamps.map((view) => view.op);
  const order = [Op.TSTAMP_SENDMSG_CB, Op.TSTAMP_SCHED_CB, Op.TSTAMP_SND_SW_CB, Op.TSTAMP_ACK_CB];
  for (const op of order) assert.equal(ops.filter((candidate) => candidate === op).length, 5);
  // The capturing program did not read the keys.
  for (const view of stamps) assert.equal(view.tskey, undefined);
});

test('the option that the capturing program wrote is in the headers that arrive', () => {
  const parsed = socketsOf(did('write_header').port)
    .flat()
    .filter((view) => view.op === Op.PARSE_HDR_OPT_CB);
  assert.ok(parsed.length > 0);
  const options = parsed.filter((view) => view.tcpHeaderHex!.slice(40).includes('fe04'));
  assert.ok(options.length > 0);
  for (const view of parsed) {
    // The header's own length, in words, is what was captured; its ports are the connection's.
    const header = Buffer.from(view.tcpHeaderHex!, 'hex');
    assert.equal((header[12]! >>> 4) * 4, view.tcpHeaderLength);
    assert.equal(header.readUInt16BE(0), view.remotePort);
    assert.equal(header.readUInt16BE(2), view.localPort);
    assert.equal(header[13], view.tcpFlags! & 0xff);
  }
});
