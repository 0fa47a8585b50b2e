import { type Batch, Kind, Op, SlotView, TcpState } from '@sockflow/core';

import { isOfClosedSocket } from '../inspect/is-of-closed-socket.ts';
import { byActivity, byEvents } from './row-order.ts';
import type { ConnectionRow, ConnectionsPage } from './watch-page.ts';

/** Connections that a lane knows at most; about 300 bytes each. */
const MAX_CONNECTIONS = 10_000;
/** How far eviction looks for one that is closed, from the oldest on. */
const EVICT_LOOK = 64;
/** How long a closed one stays in the table. */
const LINGER_MS = 3000;
const UNKNOWN_ROLE = 0;
/** Weight of the last interval in a connection's rate. */
const RATE_WEIGHT = 0.5;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface Entry extends Writable<ConnectionRow> {
  /** Events since rates were measured. */
  recent: number;
  closedMs: number;
}

/** The connections of a lane as the table shows them. Lane's thread; `nowMs` is any clock that goes on. */
export class ConnectionBook {
  readonly #lane: number;
  readonly #byOrigin = new Map<string, Map<number, Entry>>();
  readonly #maxConnections: number;
  #view: SlotView | undefined;
  #connections = 0;
  #forgotten = 0;
  #events = 0;
  #notShown = 0;
  #measuredMs: number;

  constructor(lane: number, nowMs: number, maxConnections: number = MAX_CONNECTIONS) {
    this.#lane = lane;
    this.#measuredMs = nowMs;
    this.#maxConnections = maxConnections;
  }

  add(batch: Batch, nowMs: number): void {
    const { raw, origin } = batch;
    const { memory, words, size } = raw;
    const view = (this.#view ??= new SlotView(memory.u32, memory.big, 0, origin));
    view.u32 = memory.u32;
    view.big = memory.big;
    view.origin = origin;
    const entries = this.#entriesOf(origin.id);
    for (const word of words.subarray(0, size)) {
      view.w = word;
      if (this.#addEvent(entries, view, nowMs)) this.#events += 1;
      else this.#notShown += 1;
    }
  }

  /** The most active connections: in a page while they go on, or all of them by events at the end. */
  page(count: number, nowMs: number, isLast: boolean): ConnectionsPage {
    this.#measureRates(nowMs);
    const rows: Entry[] = [];
    for (const entries of this.#byOrigin.values()) {
      for (const entry of entries.values()) {
        if (isLast || !entry.isClosed || nowMs - entry.closedMs < LINGER_MS) rows.push(entry);
      }
    }
    rows.sort(isLast ? byEvents : byActivity);
    return {
      type: 'connections',
      lane: this.#lane,
      rows: rows.slice(0, count).map(({ recent: _recent, closedMs: _closedMs, ...row }) => row),
      connections: this.#connections,
      forgotten: this.#forgotten,
      events: this.#events,
      notShown: this.#notShown,
    };
  }

  #entriesOf(originId: string): Map<number, Entry> {
    let entries = this.#byOrigin.get(originId);
    if (entries === undefined) this.#byOrigin.set(originId, (entries = new Map<number, Entry>()));
    return entries;
  }

  /** @returns false for what a closed socket still does, where its connection is not known. */
  #addEvent(entries: Map<number, Entry>, event: SlotView, nowMs: number): boolean {
    const cookie = event.cookieNumber;
    let entry = entries.get(cookie);
    if (entry === undefined) {
      if (isOfClosedSocket(event)) return false;
      this.#makeRoom();
      entry = newEntry(event);
      entries.set(cookie, entry);
      this.#connections += 1;
    }
    entry.events += 1;
    entry.recent += 1;
    updateEntry(entry, event);
    if (entry.isClosed && entry.closedMs === 0) entry.closedMs = nowMs;
    return true;
  }

  #makeRoom(): void {
    if (this.#connections < this.#maxConnections) return;
    for (const entries of this.#byOrigin.values()) {
      if (entries.size === 0) continue;
      let looked = 0;
      let [victim] = entries.keys();
      for (const [cookie, { isClosed }] of entries) {
        if (isClosed) victim = cookie;
        if (isClosed || ++looked === EVICT_LOOK) break;
      }
      if (victim !== undefined) entries.delete(victim);
      this.#connections -= 1;
      this.#forgotten += 1;
      return;
    }
  }

  #measureRates(nowMs: number): void {
    const sinceS = Math.max(nowMs - this.#measuredMs, 1) / 1000;
    this.#measuredMs = nowMs;
    for (const entries of this.#byOrigin.values()) {
      for (const entry of entries.values()) {
        const rate = entry.recent / sinceS;
        entry.eventsPerSec = entry.eventsPerSec * (1 - RATE_WEIGHT) + rate * RATE_WEIGHT;
        entry.recent = 0;
      }
    }
  }
}

function newEntry(event: SlotView): Entry {
  return {
    local: endText(event.localAddress, event.localPort),
    remote: event.state === TcpState.LISTEN ? '' : endText(event.remoteAddress, event.remotePort),
    role: event.role ?? UNKNOWN_ROLE,
    state: event.state,
    owner: '',
    rttUs: 0,
    rttMinUs: 0,
    retransmits: 0,
    timeouts: 0,
    bytesIn: 0,
    bytesOut: 0,
    error: 0,
    events: 0,
    eventsPerSec: 0,
    isClosed: false,
    recent: 0,
    closedMs: 0,
  };
}

function updateEntry(entry: Entry, event: SlotView): void {
  if (entry.owner === '') entry.owner = ownerText(event);
  if (entry.role === UNKNOWN_ROLE) entry.role = event.role ?? UNKNOWN_ROLE;
  if (event.kind === Kind.RTT_SUMMARY) {
    const { rttCount = 0, rttSumUs = 0, rttLowUs = 0 } = event;
    if (rttCount > 0) entry.rttUs = rttSumUs / rttCount;
    if (rttLowUs > 0 && (entry.rttMinUs === 0 || rttLowUs < entry.rttMinUs)) {
      entry.rttMinUs = rttLowUs;
    }
    return;
  }
  entry.state = stateOf(event);
  entry.isClosed = entry.state === TcpState.CLOSE;
  entry.rttUs = event.newSrttUs ?? positive(event.srttUs) ?? entry.rttUs;
  entry.rttMinUs = event.rttMinUs ?? entry.rttMinUs;
  entry.retransmits = event.totalRetrans ?? entry.retransmits;
  entry.bytesIn = event.bytesReceived ?? entry.bytesIn;
  entry.bytesOut = event.bytesAcked ?? entry.bytesOut;
  entry.error = positive(event.skErr) ?? entry.error;
  if (event.op === Op.RTO_CB) entry.timeouts += 1;
}

function stateOf(event: SlotView): number {
  if (event.op === Op.STATE_CB && event.kind === Kind.OP) return event.newState ?? event.state;
  // The hooks run before the state is stored (sock_ops of the establishment).
  if (event.op === Op.PASSIVE_ESTABLISHED_CB) return TcpState.ESTABLISHED;
  return event.state;
}

function positive(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : value;
}

function ownerText({ ownerComm, ownerPid }: SlotView): string {
  if (ownerPid === undefined) return '';
  return ownerComm === undefined ? String(ownerPid) : `${ownerComm}[${ownerPid}]`;
}

function endText(address: string | undefined, port: number): string {
  if (address === undefined) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
