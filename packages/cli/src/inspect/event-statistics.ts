import {
  type Batch,
  type EventView,
  Family,
  Kind,
  Op,
  type Origin,
  type RttCbView,
  type RttSummaryView,
} from '@sockflow/core';

import { ConnectionTable } from './connection-table.ts';
import { RttHistogram } from './rtt-histogram.ts';
import { TimeHistogram } from './time-histogram.ts';

const BYTE_VALUES = 256;
const TCP_FLAG_BITS = 9;

/** Events that recordings say were lost, by what became of them. */
export interface LossCounts {
  markers: number;
  ringFull: number;
  shedFirst: number;
  shedLast: number;
  damaged: number;
}

/** The events of one host and boot; times are us since that boot. */
export interface OriginStatistics {
  readonly origin: Origin;
  readonly times: TimeHistogram;
  events: number;
  firstUs: number;
  lastUs: number;
}

/** What `inspect` counts while it reads every event of a recording. */
export class EventStatistics {
  readonly ops: Float64Array = new Float64Array(BYTE_VALUES);
  readonly kinds: Float64Array = new Float64Array(BYTE_VALUES);
  readonly states: Float64Array = new Float64Array(BYTE_VALUES);
  readonly cbFlags: Float64Array = new Float64Array(8);
  readonly tcpFlags: Float64Array = new Float64Array(TCP_FLAG_BITS);
  readonly ecnFlags: Float64Array = new Float64Array(8);
  readonly cpus: Set<number> = new Set();
  readonly connections: ConnectionTable = new ConnectionTable();
  readonly rtt: RttHistogram = new RttHistogram();
  readonly losses: LossCounts = { markers: 0, ringFull: 0, shedFirst: 0, shedLast: 0, damaged: 0 };
  rttSummaries = 0;
  clockAnchors = 0;
  events = 0;
  ip4 = 0;
  ip6 = 0;
  withHeader = 0;
  readonly #origins = new Map<string, OriginStatistics>();
  #origin: OriginStatistics | undefined;
  readonly #step = (event: EventView): void => this.#addEvent(event);

  get origins(): readonly OriginStatistics[] {
    return [...this.#origins.values()];
  }

  add(batch: Batch): void {
    this.#origin = this.#originOf(batch.origin);
    for (const marker of batch.markers) {
      if (marker.kind === 'CLOCK_ANCHOR') {
        this.clockAnchors += 1;
        continue;
      }
      this.losses.markers += 1;
      this.losses.ringFull += marker.lostRingFull;
      this.losses.shedFirst += marker.lostShedFirst;
      this.losses.shedLast += marker.lostShedLast;
      this.losses.damaged += marker.lostDamaged;
    }
    batch.forEach(this.#step);
  }

  #originOf(origin: Origin): OriginStatistics {
    let statistics = this.#origins.get(origin.id);
    if (statistics === undefined) {
      statistics = {
        origin,
        times: new TimeHistogram(),
        events: 0,
        firstUs: Number.POSITIVE_INFINITY,
        lastUs: 0,
      };
      this.#origins.set(origin.id, statistics);
    }
    return statistics;
  }

  #addEvent(event: EventView): void {
    this.events += 1;
    this.#addTime(event.tsUs);
    bump(this.kinds, event.kind);
    if (event.kind === Kind.OP) {
      bump(this.ops, event.op);
      if (event.op === Op.RTT_CB) {
        const rttUs = (event as RttCbView).mrttUs;
        if (rttUs !== undefined) this.rtt.add(rttUs);
      }
    }
    if (event.kind === Kind.RTT_SUMMARY) {
      this.rttSummaries += 1;
      this.rtt.addFolded(event as RttSummaryView);
    }
    bump(this.states, event.state);
    bumpBits(this.cbFlags, event.cbFlags);
    bumpBits(this.tcpFlags, event.tcpFlags);
    bumpBits(this.ecnFlags, event.ecnFlags);
    if (event.family === Family.AF_INET) this.ip4 += 1;
    else if (event.family === Family.AF_INET6) this.ip6 += 1;
    if (event.tcpHeaderLength !== undefined) this.withHeader += 1;
    if (event.cpu !== undefined) this.cpus.add(event.cpu);
    this.connections.add(event);
  }

  #addTime(tsUs: number): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    origin.events += 1;
    if (tsUs < origin.firstUs) origin.firstUs = tsUs;
    if (tsUs > origin.lastUs) origin.lastUs = tsUs;
    origin.times.add(tsUs);
  }
}

function bump(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function bumpBits(counts: Float64Array, flags: number | undefined): void {
  for (let rest = flags ?? 0; rest !== 0; rest &= rest - 1) {
    const bit = 31 - Math.clz32(rest & -rest);
    if (bit < counts.length) bump(counts, bit);
  }
}
