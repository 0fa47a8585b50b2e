import type { Observable, Subscriber } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventObject, EventView } from '../schema/generated/view-types.ts';
import { pickerOf } from './field-picker.ts';
import { parseTcpOptions } from './parse-tcp-options.ts';
import { perBatch } from './per-batch.ts';
import type { TcpOptionList } from './tcp-option.ts';

const FACTS = [
  'originId',
  'netnsCookie',
  'cookie',
  'tsNs',
  'op',
  'localAddress',
  'localPort',
  'remoteAddress',
  'remotePort',
  'tcpFlags',
] as const;

/** The options of one event's TCP header, with what names the event. */
export interface TcpOptionsRecord
  extends Pick<EventObject, (typeof FACTS)[number]>, TcpOptionList {}

const MAX_HEADER_BYTES = 60;

/** Gives the TCP options of each selected event that has a captured header; others give nothing. */
export function tcpOptions(): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<TcpOptionsRecord> {
  const facts = pickerOf(FACTS) as (event: EventView) => Pick<EventObject, (typeof FACTS)[number]>;
  return (source) =>
    perBatch(source, (subscriber: Subscriber<TcpOptionsRecord>) => {
      const header = new Uint8Array(MAX_HEADER_BYTES);
      return {
        next(batch): void {
          batch.forEach((event) => {
            if (subscriber.closed || event.tcpHeaderLength === undefined) return;
            const list = parseTcpOptions(header, event.tcpHeaderInto(header));
            subscriber.next({ ...facts(event), ...list });
          });
        },
      };
    });
}
