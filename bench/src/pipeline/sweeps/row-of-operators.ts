import {
  type Batch,
  type EventObject,
  filterAddress,
  filterOp,
  filterPort,
  filterState,
  filterTime,
  Op,
  sampleConnections,
  TcpState,
  where,
} from '@sockflow/core';
import type { MonoTypeOperatorFunction } from 'rxjs';

/** A filter that keeps every op event of the input, and what somebody would ask of an object for the same. */
export interface RowOperator {
  readonly ofBatches: MonoTypeOperatorFunction<Batch>;
  readonly ofObject: (event: EventObject) => boolean;
}

const ALL_PORTS = Array.from({ length: 65_536 }, (_, port) => port);
const STATES = Object.values(TcpState);

/** Eight filters, each another one, none of which drops anything: so what each costs is all that differs. */
export const ROW_OF_OPERATORS: readonly RowOperator[] = [
  { ofBatches: filterOp(...Object.values(Op)), ofObject: (event) => event.op !== undefined },
  { ofBatches: sampleConnections(1), ofObject: (event) => event.cookie !== undefined },
  { ofBatches: filterTime({ startNs: 1n }), ofObject: (event) => event.tsNs >= 1n },
  { ofBatches: filterState(...STATES), ofObject: (event) => event.state !== undefined },
  { ofBatches: filterPort(ALL_PORTS), ofObject: (event) => event.localPort >= 0 },
  {
    ofBatches: filterAddress(['0.0.0.0/0', '::/0']),
    ofObject: (event) => event.remoteAddress !== undefined,
  },
  {
    ofBatches: where((event) => event.laneKey >= 0),
    ofObject: (event) => event.cookie !== undefined,
  },
  {
    ofBatches: where((event) => event.remotePort >= 0),
    ofObject: (event) => event.remotePort >= 0,
  },
];
