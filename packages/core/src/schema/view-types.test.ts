import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ContextEvent, OpContext } from './generated/context-event.ts';
import type { EventObject, EventView, KindViews, OpViews } from './generated/view-types.ts';
import type { Kind, KindName } from './kind.ts';
import type { NameOf } from './names.ts';
import { Op, type OpName } from './op.ts';
import type { RoleName } from './role.ts';
import type { TcpStateName } from './tcp-state.ts';

/*
 * The build checks these: each `@ts-expect-error` fails it where the line below compiles. The functions are never called.
 */
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type RttCb = OpViews[typeof Op.RTT_CB];
type StateCb = OpViews[typeof Op.STATE_CB];

/** Does not compile where the types compared differ. */
function expectType(isEqual: true): void {
  assert.ok(isEqual);
}

test('a view of RTT_CB has its sample and its metrics for sure, and no argument of another op', () => {
  const check = (event: RttCb): void => {
    expectType(true satisfies Equal<typeof event.srttUs, number>);
    expectType(true satisfies Equal<typeof event.sndCwnd, number>);
    expectType(true satisfies Equal<typeof event.bytesAckedBig, bigint>);
    expectType(true satisfies Equal<typeof event.op, 12>);
    // Kernels before 6.10 give no sample; the minimum is absent before the first one.
    expectType(true satisfies Equal<typeof event.mrttUs, number | undefined>);
    expectType(true satisfies Equal<typeof event.rttMinUs, number | undefined>);
    // @ts-expect-error -- STATE_CB has it
    assert.ok(event.oldState);
    // @ts-expect-error -- RETRANS_CB has it
    assert.ok(event.retransSegs);
  };
  assert.equal(typeof check, 'function');
});

test('a view of STATE_CB has both states for sure, and no RTT sample', () => {
  const check = (event: StateCb): void => {
    expectType(true satisfies Equal<typeof event.oldState, number>);
    expectType(true satisfies Equal<typeof event.newState, number>);
    // @ts-expect-error -- RTT_CB has it
    assert.ok(event.mrttUs);
  };
  assert.equal(typeof check, 'function');
});

test('an RTO has jiffies for sure, microseconds only with the origin’s HZ', () => {
  const check = (event: OpViews[typeof Op.RTO_CB]): void => {
    expectType(true satisfies Equal<typeof event.rtoJiffies, number>);
    expectType(true satisfies Equal<typeof event.rtoUs, number | undefined>);
  };
  assert.equal(typeof check, 'function');
});

test('what a request socket lacks is not promised for ops that it fires', () => {
  const check = (
    event: OpViews[typeof Op.NEEDS_ECN],
    stamp: OpViews[typeof Op.TSTAMP_ACK_CB],
  ): void => {
    expectType(true satisfies Equal<typeof event.srttUs, number | undefined>);
    expectType(true satisfies Equal<typeof stamp.srttUs, number | undefined>);
    expectType(true satisfies Equal<typeof stamp.tcpFlags, number>);
    expectType(true satisfies Equal<typeof stamp.tskey, number | undefined>);
  };
  assert.equal(typeof check, 'function');
});

test('a view of an unknown op has its raw arguments, possibly', () => {
  const check = (event: EventView): void => {
    expectType(true satisfies Equal<typeof event.arg0, number | undefined>);
    // @ts-expect-error -- views are read only
    event.op = 5;
    // @ts-expect-error -- any event may be of another op
    assert.ok(event.mrttUs);
  };
  assert.equal(typeof check, 'function');
});

test('a view of an RTT summary has its samples for sure', () => {
  const check = (event: KindViews[typeof Kind.RTT_SUMMARY]): void => {
    expectType(true satisfies Equal<typeof event.rttCount, number>);
    expectType(true satisfies Equal<typeof event.rttBuckets, number[]>);
    expectType(true satisfies Equal<ReturnType<typeof event.rttBucket>, number>);
    // @ts-expect-error -- it is no op event
    assert.ok(event.mrttUs);
  };
  assert.equal(typeof check, 'function');
});

test('objects name ops and states and leave out what is absent', () => {
  const check = (object: EventObject): void => {
    expectType(true satisfies Equal<typeof object.op, NameOf<OpName>>);
    expectType(true satisfies Equal<typeof object.kind, NameOf<KindName>>);
    expectType(true satisfies Equal<typeof object.role, NameOf<RoleName> | undefined>);
    expectType(true satisfies Equal<typeof object.oldState, NameOf<TcpStateName> | undefined>);
    expectType(true satisfies Equal<typeof object.tsNs, bigint>);
  };
  assert.equal(typeof check, 'function');
});

test('a raw event must have what names it, and a kind what makes it one', () => {
  const check = (take: (event: ContextEvent) => void, event: OpContext): void => {
    take(event);
    take({ ...event, cookie: 5n, ts_boot_ns: 5 });
    take({
      kind: 'CLOCK_ANCHOR',
      ts_boot_ns: 1,
      realtime_ns: 1,
      monotonic_ns: 1,
      uncertainty_ns: 1,
    });
    // @ts-expect-error -- no cookie
    take({
      ts_boot_ns: 1,
      op: 1,
      family: 2,
      remote_port: 0,
      local_port: 0,
      is_fullsock: 1,
      state: 1,
    });
    // @ts-expect-error -- an unknown field
    take({ ...event, snd_cwd: 5 });
    // @ts-expect-error -- a clock anchor needs its clocks
    take({ kind: 'CLOCK_ANCHOR', ts_boot_ns: 1 });
  };
  assert.equal(typeof check, 'function');
});

test('every known op has a view', () => {
  expectType(true satisfies Equal<keyof OpViews, (typeof Op)[keyof typeof Op]>);
  assert.deepEqual(
    Object.values(Op),
    Array.from({ length: 21 }, (_, op) => op),
  );
});
