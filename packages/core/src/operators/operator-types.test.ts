/* oxlint-disable typescript/no-unnecessary-type-parameters -- the parameters of the proof are what is compared */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filter, map, NEVER, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { CbFlag } from '../schema/cb-flag.ts';
import type {
  EventObject,
  EventView,
  RetransCbView,
  RttCbView,
  RttSummaryView,
  StateCbView,
} from '../schema/generated/view-types.ts';
import { Kind } from '../schema/kind.ts';
import type { NameOf } from '../schema/names.ts';
import { Op } from '../schema/op.ts';
import type { RoleName } from '../schema/role.ts';
import type { ConnectionEnding, ConnectionRecord } from './connections/connection-record.ts';
import { filterFlags } from './filter-flags.ts';
import { filterKind } from './filter-kind.ts';
import { filterOp } from './filter-op.ts';
import { filterPort } from './filter-port.ts';
import { mapAsync } from './map-async.ts';
import { retain } from './retain.ts';
import { scanConnections } from './scan-connections.ts';
import { select } from './select.ts';
import { where } from './where.ts';

/** Compiles only where both types are the same. */
function isExactly<A, B>(
  ..._proof: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]
): void {}

type ViewOf<O> = O extends Observable<Batch<infer E>> ? E : never;

const batches: Observable<Batch> = NEVER;

test('the views of a stream have what its filters let through, and nothing else compiles', () => {
  const rtt = batches.pipe(filterOp(Op.RTT_CB));
  isExactly<ViewOf<typeof rtt>, RttCbView>();

  const two = batches.pipe(filterOp(Op.RTT_CB, Op.RETRANS_CB));
  isExactly<ViewOf<typeof two>, RttCbView | RetransCbView>();

  const narrowed = two.pipe(filterOp(Op.RTT_CB));
  isExactly<ViewOf<typeof narrowed>, RttCbView>();

  const contradictory = two.pipe(filterOp(Op.STATE_CB));
  isExactly<ViewOf<typeof contradictory>, never>();

  const summaries = batches.pipe(filterKind(Kind.RTT_SUMMARY));
  isExactly<ViewOf<typeof summaries>, RttSummaryView>();

  const opsOfKind = batches.pipe(filterKind(Kind.OP), filterOp(Op.STATE_CB));
  isExactly<ViewOf<typeof opsOfKind>, StateCbView>();

  const through = batches.pipe(
    filterOp(Op.STATE_CB),
    filterFlags({ cb: { any: CbFlag.STATE } }),
    filterPort(443),
    where((event) => event.oldState === 1),
    retain(),
  );
  isExactly<ViewOf<typeof through>, StateCbView>();

  const any = batches.pipe(where((event) => event.remotePort === 443));
  isExactly<ViewOf<typeof any>, EventView>();
  assert.ok(any !== undefined);
});

test('a mistaken accessor does not compile', () => {
  batches.pipe(
    filterOp(Op.RTT_CB),
    // @ts-expect-error an RTT sample has no old state
    where((event) => event.oldState === 1),
  );
  batches.pipe(
    // @ts-expect-error an event of any op has no RTT sample
    where((event) => event.mrttUs === 1),
  );
  batches.pipe(
    filterOp(Op.RTT_CB, Op.STATE_CB),
    where((event) => (event.op === Op.RTT_CB ? event.mrttUs === 1 : event.oldState === 1)),
  );
  batches.pipe(
    filterOp(Op.RTT_CB, Op.STATE_CB),
    // @ts-expect-error only one of the two ops has it
    where((event) => event.oldState === 1),
  );
  batches.pipe(
    filterKind(Kind.RTT_SUMMARY),
    // @ts-expect-error a summary has a sum, no sample
    map((batch) => batch.at(0).mrttUs),
  );
  assert.throws(
    // @ts-expect-error markers are not selected
    () => filterKind(Kind.LOSS_MARKER),
    { code: 'ERR_SOCKFLOW_INVALID_OPTION' },
  );
});

test('what is made of events is typed by what it is made of', () => {
  const picked = batches.pipe(select('originId', 'cookie', 'mrttUs'));
  isExactly<typeof picked, Observable<Pick<EventObject, 'originId' | 'cookie' | 'mrttUs'>>>();
  // @ts-expect-error there is no such field
  assert.throws(() => select('mrtt'), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });

  const scanned = batches.pipe(
    filterOp(Op.RTT_CB, Op.STATE_CB),
    scanConnections(
      () => ({ samples: 0, sumUs: 0 }),
      (state, event) => {
        if (event.op !== Op.RTT_CB) return;
        state.samples++;
        state.sumUs += event.mrttUs ?? 0;
      },
      { emitOn: 'close', idleMs: 60_000 },
    ),
    map((record) => record.state.sumUs / record.state.samples),
  );
  isExactly<typeof scanned, Observable<number>>();

  const counted = batches.pipe(
    scanConnections(
      () => 0,
      (count) => count + 1,
      { emitOn: { everyMs: 1000 } },
    ),
  );
  isExactly<typeof counted, Observable<ConnectionRecord<number>>>();

  const byName = counted.pipe(
    // @ts-expect-error the role's name is CLIENT
    filter(({ role }) => role === 'client'),
    // @ts-expect-error there is no such end
    filter(({ end }) => end === 'close'),
    filter(({ role, family }) => role === 'CLIENT' && family === 'AF_INET6'),
    map(({ role, end }) => ({ role, end })),
  );
  isExactly<
    typeof byName,
    Observable<{ role: NameOf<RoleName> | undefined; end: ConnectionEnding }>
  >();

  const sent = counted.pipe(mapAsync(async (record) => String(record.state), { concurrency: 2 }));
  isExactly<typeof sent, Observable<string>>();
});

test('the example of the design compiles', () => {
  const slow = batches.pipe(
    filterOp(Op.RTT_CB, Op.RETRANS_CB),
    filterFlags({ cb: { any: CbFlag.RTT } }),
    where((e) => e.srttUs > 200_000 && e.remotePort === 443),
  );
  isExactly<ViewOf<typeof slow>, RttCbView | RetransCbView>();
  assert.ok(slow !== undefined);
});
