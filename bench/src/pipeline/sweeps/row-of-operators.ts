import {
  type Batch,
  type EventObject,
  filterAddress,
  filterOp,
  filterPort,
  filterState,
  filterTime,
  laneKey,
  Op,
  sampleConnections,
  TcpState,
  where,
} from '@sockflow/core';
import type { MonoTypeOperatorFunction } from 'rxjs';

/** A filter that drops a few of the input's op events, and what somebody would ask of an object for the same. */
export interface RowOperator {
  readonly ofBatches: MonoTypeOperatorFunction<Batch>;
  readonly ofObject: (event: EventObject) => boolean;
}

const SAMPLED = 0.99;
const SAMPLE_VALUES = 2 ** 24;
/** The generated input begins somewhat before. */
const START_NS = 1_800_001_000_000n;
const DROPPED_PORT = 22;
const ALL_PORTS_BUT_ONE = Array.from({ length: 65_536 }, (_, port) => port).filter(
  (port) => port !== DROPPED_PORT,
);
const STATES_BUT_ONE = Object.values(TcpState).filter((state) => state !== TcpState.CLOSING);
const OPS_BUT_ONE = Object.values(Op).filter((op) => op !== Op.WRITE_HDR_OPT_CB);

function isSampled({ cookie }: EventObject): boolean {
  const key = laneKey(Number(cookie & 0xffff_ffffn), Number(cookie >> 32n));
  return key >>> 8 < SAMPLED * SAMPLE_VALUES;
}

/** Eight filters, each another one, each of which drops up to a sixth of the events, all together a quarter: what each costs is most of what differs, and one that did nothing would be found out by the objects. */
export const ROW_OF_OPERATORS: readonly RowOperator[] = [
  { ofBatches: filterOp(...OPS_BUT_ONE), ofObject: (event) => event.op !== 'WRITE_HDR_OPT_CB' },
  { ofBatches: sampleConnections(SAMPLED), ofObject: isSampled },
  { ofBatches: filterTime({ startNs: START_NS }), ofObject: (event) => event.tsNs >= START_NS },
  { ofBatches: filterState(...STATES_BUT_ONE), ofObject: (event) => event.state !== 'CLOSING' },
  {
    ofBatches: filterPort(ALL_PORTS_BUT_ONE, { end: 'remote' }),
    ofObject: (event) => event.remotePort !== DROPPED_PORT,
  },
  {
    ofBatches: filterAddress(['0.0.0.0/0', '::/1', 'fe00::/7'], { end: 'remote' }),
    ofObject: (event) => event.remoteAddress?.startsWith('fd') !== true,
  },
  {
    ofBatches: where((event) => event.remotePort !== 7771),
    ofObject: (event) => event.remotePort !== 7771,
  },
  {
    ofBatches: where((event) => event.remotePort !== 7772),
    ofObject: (event) => event.remotePort !== 7772,
  },
];
