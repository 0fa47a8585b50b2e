import {
  type EventView,
  Op,
  Kind,
  type RetransCbView,
  type RttSummaryView,
  Role,
  type StateCbView,
  TcpState,
} from '@sockflow/core';

import { isOfClosedSocket } from './is-of-closed-socket.ts';

/** What is kept of one connection end while a recording is read. */
export interface ConnectionRecord {
  readonly originId: string;
  readonly netnsCookie: number | undefined;
  readonly cookie: number;
  localAddress: string | undefined;
  localPort: number;
  remoteAddress: string | undefined;
  remotePort: number;
  role: number;
  ownerComm: string | undefined;
  firstUs: number;
  lastUs: number;
  events: number;
  retransmitted: number;
  timeouts: number;
  srttUs: number | undefined;
  /** Mean of the samples in its last summary, for where no smoothed RTT is known. */
  foldedRttUs: number | undefined;
  isEstablished: boolean;
  isClosed: boolean;
  isListener: boolean;
  error: number;
  /** When the first error or timeout was seen; `undefined` where there was none. */
  failedUs: number | undefined;
}

/** The connections of a recording, by origin, network namespace and cookie. */
export class ConnectionTable {
  readonly #byOrigin = new Map<string, Map<number, Map<number, ConnectionRecord>>>();
  readonly #all: ConnectionRecord[] = [];

  get all(): readonly ConnectionRecord[] {
    return this.#all;
  }

  add(event: EventView): void {
    const connection = this.#recordOf(event);
    if (connection === undefined) return;
    connection.events += 1;
    connection.lastUs = event.tsUs;
    const srttUs = event.srttUs;
    if (srttUs !== undefined && srttUs !== 0) connection.srttUs = srttUs;
    if (event.kind === Kind.RTT_SUMMARY) addSummary(connection, event as RttSummaryView);
    const error = event.skErr;
    if (error !== undefined && error !== 0) {
      connection.error = error;
      connection.failedUs ??= event.tsUs;
    }
    if (connection.role === 0 && (event.role ?? 0) !== 0) identify(connection, event);
    // One that was there already has no call to listen: its snapshot tells, or its end.
    if (event.state === TcpState.LISTEN) connection.isListener = true;
    switch (event.op) {
      case Op.RETRANS_CB:
        connection.retransmitted += (event as RetransCbView).retransSegs ?? 0;
        break;
      case Op.RTO_CB:
        connection.timeouts += 1;
        connection.failedUs ??= event.tsUs;
        break;
      case Op.TCP_LISTEN_CB:
        connection.isListener = true;
        break;
      case Op.TCP_CONNECT_CB:
        deriveRole(connection, Role.CLIENT);
        break;
      case Op.ACTIVE_ESTABLISHED_CB:
        establish(connection, event, Role.CLIENT);
        break;
      case Op.PASSIVE_ESTABLISHED_CB:
        establish(connection, event, Role.SERVER);
        break;
      case Op.STATE_CB:
        addTransition(connection, event as StateCbView);
        break;
    }
  }

  /** @returns `undefined` for what a closed socket still does, where its connection is not known. */
  #recordOf(event: EventView): ConnectionRecord | undefined {
    const byNetns = mapIn(this.#byOrigin, event.originId);
    const byCookie = mapIn(byNetns, event.netnsCookieNumber ?? -1);
    const cookie = event.cookieNumber;
    let connection = byCookie.get(cookie);
    if (connection === undefined) {
      if (isOfClosedSocket(event)) return undefined;
      connection = newRecord(event);
      identify(connection, event);
      byCookie.set(cookie, connection);
      this.#all.push(connection);
    }
    return connection;
  }
}

function mapIn<K, L, V>(outer: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = outer.get(key);
  if (inner === undefined) {
    inner = new Map();
    outer.set(key, inner);
  }
  return inner;
}

function addSummary(connection: ConnectionRecord, { rttCount, rttSumUs }: RttSummaryView): void {
  if (rttCount > 0) connection.foldedRttUs = rttSumUs / rttCount;
}

function newRecord(event: EventView): ConnectionRecord {
  return {
    originId: event.originId,
    netnsCookie: event.netnsCookieNumber,
    cookie: event.cookieNumber,
    localAddress: undefined,
    localPort: 0,
    remoteAddress: undefined,
    remotePort: 0,
    role: 0,
    ownerComm: undefined,
    firstUs: event.tsUs,
    lastUs: event.tsUs,
    events: 0,
    retransmitted: 0,
    timeouts: 0,
    srttUs: undefined,
    foldedRttUs: undefined,
    isEstablished: false,
    isClosed: false,
    isListener: false,
    error: 0,
    failedUs: undefined,
  };
}

/** The ops of both ends and the state changes tell the same story; a recording may hold either. */
function addTransition(connection: ConnectionRecord, event: StateCbView): void {
  const { oldState, newState } = event;
  if (oldState === TcpState.SYN_SENT || newState === TcpState.SYN_SENT) {
    deriveRole(connection, Role.CLIENT);
  }
  if (newState === TcpState.ESTABLISHED) {
    establish(connection, event, oldState === TcpState.SYN_RECV ? Role.SERVER : 0);
  }
  if (newState === TcpState.CLOSE) connection.isClosed = true;
}

function establish(connection: ConnectionRecord, event: EventView, role: number): void {
  connection.isEstablished = true;
  // A request socket becomes the connection: only now are its addresses complete.
  identify(connection, event);
  deriveRole(connection, role);
}

/** What an observer said of the role goes first: ends that open at the same time are both clients. */
function deriveRole(connection: ConnectionRecord, role: number): void {
  if (connection.role === 0) connection.role = role;
}

function identify(connection: ConnectionRecord, event: EventView): void {
  connection.localAddress = event.localAddress ?? connection.localAddress;
  // A socket that is closed has none any more.
  if (event.localPort !== 0) connection.localPort = event.localPort;
  connection.remoteAddress = event.remoteAddress ?? connection.remoteAddress;
  connection.remotePort = event.remotePort;
  if (event.role !== undefined && event.role !== 0) connection.role = event.role;
  connection.ownerComm = event.ownerComm ?? connection.ownerComm;
}
