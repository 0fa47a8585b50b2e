import type { OpContext } from '../../schema/generated/context-event.ts';
import type { EventView } from '../../schema/generated/view-types.ts';
import { Op } from '../../schema/op.ts';
import { TcpState } from '../../schema/tcp-state.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { LaneStream } from '../lane-stream.ts';
import { spanOf } from '../random-events.test.helper.ts';
import { scanConnections, type ScanConnectionsOptions } from '../scan-connections.ts';
import type { ConnectionRecord } from './connection-record.ts';

/* What tests of scanConnections share: events of connections at given times, and a scan that keeps their times. */

export const MS = 1_000_000;

export function event(
  cookie: bigint | number,
  atMs: number,
  more: Partial<OpContext> = {},
): OpContext {
  return {
    ts_boot_ns: BigInt(Math.round(atMs * MS)),
    op: Op.RTT_CB,
    family: 2,
    local_ip4: 0x0100000a,
    remote_ip4: 0x0200000a,
    local_port: 50000,
    remote_port: 0xbb010000,
    is_fullsock: 1,
    state: TcpState.ESTABLISHED,
    cookie,
    netns_cookie: 1,
    ...more,
  };
}

export function closing(cookie: bigint | number, atMs: number): OpContext {
  const args = [TcpState.ESTABLISHED, TcpState.CLOSE, 0, 0];
  return event(cookie, atMs, { op: Op.STATE_CB, args });
}

export interface Tally {
  count: number;
  times: number[];
}
export type Records = ConnectionRecord<Tally>[];

export const tally: { init: () => Tally; update: (state: Tally, view: EventView) => void } = {
  init: (): Tally => ({ count: 0, times: [] }),
  update: (state: Tally, view: EventView): void => {
    state.count++;
    state.times.push(view.tsUs / 1000);
  },
};

/** What the spans give, records in between copied as they come. */
export function scan(
  spans: readonly SlotSpan[],
  options: ScanConnectionsOptions<Tally>,
  lane = 0,
  lanes = 1,
): Records {
  const stream = new LaneStream({ lane, lanes, views: 'reused' });
  const records: Records = [];
  stream.batches
    .pipe(scanConnections(tally.init, tally.update, options))
    .subscribe((record) => records.push(record));
  for (const span of spans) stream.deliver(span);
  stream.complete();
  return records;
}

/** The time that no later event is before, as a source gives it. */
export function withEnd(events: readonly OpContext[], endMs: number): SlotSpan {
  return spanOf(events, { endTimeUs: endMs * 1000 });
}
