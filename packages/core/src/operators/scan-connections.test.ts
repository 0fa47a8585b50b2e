import assert from 'node:assert/strict';
import { test } from 'node:test';

import { from, map, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { OpContext } from '../schema/generated/context-event.ts';
import { Op } from '../schema/op.ts';
import { TcpState } from '../schema/tcp-state.ts';
import { connectionCounts } from './connections/connection-counts.ts';
import {
  closing,
  event,
  scan,
  tally,
  type Tally,
  withEnd,
} from './connections/scan-harness.test.helper.ts';
import { filterFlags } from './filter-flags.ts';
import { filterOp } from './filter-op.ts';
import { filterPort } from './filter-port.ts';
import { LaneStream } from './lane-stream.ts';
import { ORIGIN, spanOf } from './random-events.test.helper.ts';
import { scanConnections, type ScanConnectionsOptions } from './scan-connections.ts';

test('a connection is given back when it closes, with its facts and what was made of its events', () => {
  const records = scan([withEnd([event(7, 1), event(7, 2), closing(7, 5)], 5)], {
    emitOn: 'close',
  });
  assert.deepEqual(records, [
    {
      originId: 'boot-a',
      netnsCookie: 1n,
      cookie: 7n,
      family: 'AF_INET',
      localAddress: '10.0.0.1',
      localPort: 50000,
      remoteAddress: '10.0.0.2',
      remotePort: 443,
      end: 'closed',
      firstNs: 1_000_000n,
      lastNs: 5_000_000n,
      durationUs: 4000,
      events: 3,
      state: { count: 3, times: [1, 2, 5] },
    },
  ]);
});

test('a cookie names a connection only within its origin and namespace', () => {
  const events = [event(7, 1), event(7, 2, { netns_cookie: 2 })];
  const other = { ...spanOf([event(7, 3)]), origin: { id: 'boot-b' } };
  const records = scan([withEnd(events, 3), other], { emitOn: 'close' });
  assert.deepEqual(
    records.map((record) => [record.originId, record.netnsCookie, record.events, record.end]),
    [
      ['boot-a', 1n, 1, 'open'],
      ['boot-a', 2n, 1, 'open'],
      ['boot-b', 1n, 1, 'open'],
    ],
  );
});

test('cookies of 64 bits that differ in one half are different connections', () => {
  const cookies = [1n, 2n ** 32n + 1n, 2n ** 63n + 1n, 2n ** 63n];
  const records = scan(
    [
      withEnd(
        cookies.map((cookie) => event(cookie, 1)),
        1,
      ),
    ],
    { emitOn: 'close' },
  );
  assert.deepEqual(
    records.map((record) => record.cookie),
    cookies,
  );
});

test('what a closed socket still does begins no connection; what it is used for again does', () => {
  const closed = { state: TcpState.CLOSE, local_port: 0 };
  const change = (oldState: TcpState, newState: TcpState, atMs: number): OpContext =>
    event(7, atMs, { op: Op.STATE_CB, state: oldState, args: [oldState, newState, 0, 0] });
  const events = [
    event(7, 1),
    closing(7, 2),
    event(7, 3, { op: Op.HDR_OPT_LEN_CB, ...closed }),
    event(7, 4, { op: Op.TSTAMP_ACK_CB, ...closed }),
    change(TcpState.CLOSE, TcpState.CLOSE, 5),
    change(TcpState.CLOSE, TcpState.SYN_SENT, 6),
    closing(7, 7),
    event(7, 8, { op: Op.TCP_CONNECT_CB, state: TcpState.SYN_SENT }),
    event(7, 9, { op: Op.HDR_OPT_LEN_CB, ...closed }),
  ];
  const counts = connectionCounts();
  for (const emitOn of ['close', { everyMs: 1000 }] as const) {
    const records = scan([withEnd(events, 9)], { emitOn, counts });
    assert.deepEqual(
      records.map(({ end, localPort, state }) => [end, localPort, state.times]),
      [
        ['closed', 50000, [1, 2]],
        ['closed', 50000, [6, 7]],
        // It is known: what comes is its own.
        ['open', 50000, [8, 9]],
      ],
    );
  }
  assert.equal(counts.opened, 6);
});

test('facts that only a later event has are in the record', () => {
  const events = [
    event(7, 1, { local_port: 0 }),
    event(7, 2, { owner_role: 1, owner_pid: 5, owner_comm: 'curl' }),
  ];
  const [record] = scan([withEnd(events, 2)], { emitOn: 'close' });
  assert.deepEqual([record?.localPort, record?.role], [50000, 'CLIENT']);
});

test('a pause of idleMs ends a connection, and the next event starts another', () => {
  const spans = [withEnd([event(7, 0), event(7, 99), event(7, 199), closing(7, 200)], 200)];
  const records = scan(spans, { emitOn: 'close', idleMs: 100 });
  assert.deepEqual(
    records.map((record) => [record.end, record.state.times]),
    [
      ['idle', [0, 99]],
      ['closed', [199, 200]],
    ],
  );
});

test('on an idle source the clock of the batches ends connections', () => {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'checked' });
  const ends: string[] = [];
  stream.batches
    .pipe(scanConnections(tally.init, tally.update, { emitOn: 'close', idleMs: 100 }))
    .subscribe((record) => ends.push(record.end));
  stream.deliver(withEnd([event(7, 0)], 0));
  stream.deliver(withEnd([], 99.999));
  assert.deepEqual(ends, []);
  // The clock of another origin is another clock.
  stream.deliver({ ...withEnd([], 5000), origin: { id: 'boot-b' } });
  assert.deepEqual(ends, []);
  stream.deliver(withEnd([], 100));
  assert.deepEqual(ends, ['idle']);
  stream.complete();
  assert.deepEqual(ends, ['idle']);
});

test('what is left at the end is open, or idle where the source went on long enough without it', () => {
  const records = scan([withEnd([event(7, 0), event(8, 50)], 120)], {
    emitOn: 'close',
    idleMs: 100,
  });
  assert.deepEqual(
    records.map((record) => [record.cookie, record.end]),
    [
      [7n, 'idle'],
      [8n, 'open'],
    ],
  );
});

test('everyMs gives a record at each boundary that was crossed after a change, and one at the end', () => {
  const events = [event(7, 10), event(7, 105), event(7, 111), event(7, 450), closing(7, 460)];
  const records = scan([withEnd(events, 460)], { emitOn: { everyMs: 100 } });
  assert.deepEqual(
    records.map((record) => [record.end, record.state.times]),
    [
      ['interval', [10, 105]],
      ['interval', [10, 105, 111]],
      ['closed', [10, 105, 111, 450, 460]],
    ],
  );
});

test('a record in between keeps what it had: the state that goes on is another', () => {
  const records = scan([withEnd([event(7, 0), event(7, 150), event(7, 250)], 250)], {
    emitOn: { everyMs: 100 },
  });
  assert.deepEqual(
    records.map((record) => record.state.count),
    [1, 2, 3],
  );
});

test('on an idle source the clock of the batches gives what has changed, once', () => {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'reused' });
  const ends: string[] = [];
  stream.batches
    .pipe(scanConnections(tally.init, tally.update, { emitOn: { everyMs: 100 } }))
    .subscribe((record) => ends.push(`${record.end} ${record.state.count}`));
  stream.deliver(withEnd([event(7, 0), event(8, 1)], 1));
  for (const endMs of [50, 120, 150, 300, 1000]) stream.deliver(withEnd([], endMs));
  assert.deepEqual(ends, ['interval 1', 'interval 1']);
  stream.deliver(withEnd([event(7, 1001)], 1001));
  stream.deliver(withEnd([], 2000));
  assert.deepEqual(ends, ['interval 1', 'interval 1', 'interval 2']);
});

test('one connection more than maxConnections evicts the one that was silent the longest, and is counted', () => {
  const counts = connectionCounts();
  const events = [event(1, 0), event(2, 1), event(1, 2), event(3, 3), closing(3, 4)];
  const records = scan([withEnd(events, 4)], { emitOn: 'close', maxConnections: 2, counts });
  assert.deepEqual(
    records.map((record) => [record.cookie, record.end]),
    [
      [2n, 'evicted'],
      [3n, 'closed'],
      [1n, 'open'],
    ],
  );
  assert.deepEqual(counts, { opened: 3, closed: 1, idle: 0, evicted: 1, open: 1 });
});

test('update may return another state instead of changing the one it has', () => {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'checked' });
  const states: number[] = [];
  stream.batches
    .pipe(
      scanConnections(
        () => 10,
        (sum, view) => sum + view.localPort,
        { emitOn: 'close' },
      ),
    )
    .subscribe((record) => states.push(record.state));
  stream.deliver(withEnd([event(7, 0), event(7, 1)], 1));
  stream.complete();
  assert.deepEqual(states, [100_010]);
});

test('what init or update throws ends the stream with the name of the operator', () => {
  for (const broken of ['init', 'update'] as const) {
    const fail = (): never => {
      throw new RangeError(`in ${broken}`);
    };
    const functions = { ...tally, [broken]: fail };
    const stream = new LaneStream({ lane: 0, lanes: 1, views: 'reused' });
    const errors: (Error & { code?: string })[] = [];
    stream.batches
      .pipe(scanConnections(functions.init, functions.update, { emitOn: 'close' }))
      .subscribe({ error: (error: Error) => errors.push(error) });
    stream.deliver(withEnd([event(7, 0)], 0));
    assert.equal(errors[0]?.code, 'ERR_SOCKFLOW_OPERATOR');
    assert.match(errors[0]?.message ?? '', new RegExp(`scanConnections.*in ${broken}`));
  }
});

/** The error that subscribing gives. */
function subscriptionError(
  filter: (batches: Observable<Batch>) => Observable<Batch>,
  reportedOps: readonly number[] | undefined,
  emitOn: ScanConnectionsOptions<Tally>['emitOn'] = 'close',
): string | undefined {
  const stream = new LaneStream({
    lane: 0,
    lanes: 1,
    views: 'reused',
    source: { name: 'bpf()', reportedOps },
  });
  let code: string | undefined;
  filter(stream.batches)
    .pipe(scanConnections(tally.init, tally.update, { emitOn }))
    .subscribe({
      error: (error: Error & { code: string }) => {
        code = error.code;
      },
    });
  return code;
}

test('waiting for a close that cannot reach it fails at subscription', () => {
  const missing = 'ERR_SOCKFLOW_CLOSE_NOT_REPORTED';
  const all = (batches: Observable<Batch>): Observable<Batch> => batches;
  const plain = map((batch: Batch) => batch);
  assert.equal(subscriptionError(all, undefined), undefined);
  assert.equal(subscriptionError(all, [Op.RTT_CB, Op.STATE_CB]), undefined);
  assert.equal(subscriptionError(all, [Op.RTT_CB]), missing);
  assert.equal(subscriptionError(filterOp(Op.RTT_CB) as typeof all, undefined), missing);
  const both = filterOp(Op.RTT_CB, Op.STATE_CB) as typeof all;
  assert.equal(subscriptionError(both, undefined), undefined);
  assert.equal(subscriptionError(filterFlags({ tcp: { any: 2 } }), undefined), missing);
  assert.equal(subscriptionError(filterPort(443), undefined), undefined);
  assert.equal(
    subscriptionError(
      (batches) => batches.pipe(plain, filterOp(Op.RTT_CB) as typeof all),
      undefined,
    ),
    missing,
  );
  assert.equal(
    subscriptionError(
      (batches) => batches.pipe(filterOp(Op.RTT_CB) as typeof all, plain),
      undefined,
    ),
    missing,
  );
  assert.equal(
    subscriptionError(filterOp(Op.RTT_CB) as typeof all, [Op.RTT_CB], { everyMs: 10 }),
    undefined,
  );
});

test('options that cannot be are refused where they are written', () => {
  const wrong: readonly unknown[] = [
    { emitOn: 'open' },
    {},
    { emitOn: {} },
    { emitOn: { everyMs: 0 } },
    { emitOn: 'close', idleMs: -1 },
    { emitOn: 'close', maxConnections: 0 },
  ];
  for (const options of wrong) {
    assert.throws(
      () => scanConnections(tally.init, tally.update, options as ScanConnectionsOptions<Tally>),
      { code: 'ERR_SOCKFLOW_INVALID_OPTION' },
      JSON.stringify(options),
    );
  }
});

test('filters before it change what it sees, not how it keeps it', () => {
  const events = [event(7, 0), event(7, 1, { op: Op.RETRANS_CB }), closing(7, 2)];
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'reused' });
  const counts: number[] = [];
  for (const source of [stream.batches, stream.batches.pipe(map((batch) => batch))]) {
    source
      .pipe(
        filterOp(Op.RTT_CB, Op.STATE_CB),
        scanConnections(tally.init, tally.update, { emitOn: 'close' }),
      )
      .subscribe((record) => counts.push(record.events));
  }
  stream.deliver(withEnd(events, 2));
  assert.deepEqual(counts, [2, 2]);
});

test('a retained batch may be scanned later', async () => {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'checked' });
  const kept: Batch[] = [];
  stream.batches.subscribe((batch) => kept.push(batch.retain()));
  stream.deliver(withEnd([event(7, 0), closing(7, 1)], 1));
  const ends: string[] = [];
  from(kept)
    .pipe(scanConnections(tally.init, tally.update, { emitOn: 'close' }))
    .subscribe((record) => ends.push(record.end));
  assert.deepEqual(ends, ['closed']);
  assert.equal(kept[0]?.origin, ORIGIN);
});
