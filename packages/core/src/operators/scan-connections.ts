import { Observable, type Subscriber } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { Op } from '../schema/op.ts';
import { checkInteger, optionError } from './check-option.ts';
import { type ConnectionCounts, connectionCounts } from './connections/connection-counts.ts';
import type { ConnectionRecord } from './connections/connection-record.ts';
import { ConnectionScan, type ConnectionScanOptions } from './connections/connection-scan.ts';
import { operatorError } from './operator-error.ts';
import { perBatch } from './per-batch.ts';
import { subscriptionContext, withNeed } from './subscription-context.ts';

/** When connections are given back, and how many are kept. Times are event time. */
export interface ScanConnectionsOptions<S> {
  /**
   * `close`: once, when it ends. `everyMs`: in between too, at first event + k * everyMs where something came since the last record.
   */
  readonly emitOn: 'close' | { readonly everyMs: number };
  /** Connections kept; one more, and the least recently active one is emitted as `evicted`. Default 1,000,000. */
  readonly maxConnections?: number;
  /** A connection without events for so long ends as `idle`; half-open ones never close. Default: never. */
  readonly idleMs?: number;
  /** How records in between get a state of their own; default: structuredClone, for objects. */
  readonly copy?: (state: S) => S;
  /** Filled with what became of the connections. */
  readonly counts?: ConnectionCounts;
}

const DEFAULT_CONNECTIONS = 1_000_000;
const NS_PER_MS = 1e6;
const OPERATOR = 'scanConnections';

function copyState<S>(state: S): S {
  return typeof state === 'object' ? structuredClone(state) : state;
}

function checkMs(option: string, value: number | undefined): number {
  if (value === undefined) return Infinity;
  if (typeof value !== 'number' || !(value > 0)) {
    throw optionError(OPERATOR, option, 'a number of ms above 0', value);
  }
  return value * NS_PER_MS;
}

function scanOptions<E extends EventView, S>(
  init: (first: E) => S,
  update: (state: S, event: E) => S | void,
  options: ScanConnectionsOptions<S>,
): Omit<ConnectionScanOptions<E, S>, 'counts'> {
  if (typeof init !== 'function') throw optionError(OPERATOR, 'init', 'a function', init);
  if (typeof update !== 'function') throw optionError(OPERATOR, 'update', 'a function', update);
  const { emitOn, maxConnections = DEFAULT_CONNECTIONS, idleMs, copy = copyState } = options;
  const isInterval = typeof emitOn === 'object' && emitOn !== null;
  if (emitOn !== 'close' && !isInterval) {
    throw optionError(OPERATOR, 'emitOn', "'close' or { everyMs }", emitOn);
  }
  checkInteger(OPERATOR, 'maxConnections', maxConnections, 1, 2 ** 31);
  return {
    init,
    update,
    copy,
    everyNs: isInterval ? checkMs('emitOn.everyMs', emitOn.everyMs ?? Number.NaN) : Infinity,
    idleNs: checkMs('idleMs', idleMs),
    maxConnections,
  };
}

/**
 * Keeps a state per connection and gives it back when the connection ends: closed, idle, evicted, or still open at the end of the source.
 *
 * `init` makes the state from a connection's first event, then `update` is called for each of its events, the first too; it changes the state, or returns another.
 * With `emitOn: 'close'` subscribing fails with ERR_SOCKFLOW_CLOSE_NOT_REPORTED where STATE_CB events cannot reach it.
 */
export function scanConnections<E extends EventView, S>(
  init: (first: E) => S,
  update: (state: S, event: E) => S | void,
  options: ScanConnectionsOptions<S>,
): (source: Observable<Batch<E>>) => Observable<ConnectionRecord<S>> {
  const checked = scanOptions(init, update, options);
  return (source) =>
    perBatch(
      options.emitOn === 'close' ? needingClose(source) : source,
      (subscriber: Subscriber<ConnectionRecord<S>>) => {
        const counts = options.counts ?? connectionCounts();
        subscriptionContext().onConnectionCounts?.(counts);
        const scan = new ConnectionScan<E, S>({ ...checked, counts }, (record) =>
          subscriber.next(record),
        );
        return {
          next(batch: Batch<E>): void {
            try {
              scan.add(batch);
            } catch (error) {
              throw operatorError(OPERATOR, error);
            }
          },
          end: () => scan.end(),
        };
      },
    );
}

/** Says to whatever is subscribed to that STATE_CB is needed: without it no connection would ever be seen to close. */
function needingClose<E extends EventView>(source: Observable<Batch<E>>): Observable<Batch<E>> {
  const need = { op: Op.STATE_CB, operator: OPERATOR };
  return new Observable((subscriber) => withNeed(need, () => source.subscribe(subscriber)));
}
