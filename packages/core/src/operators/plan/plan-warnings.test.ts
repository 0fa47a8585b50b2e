import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { Plan, PlanFilter } from '../../contracts/filter.ts';
import { CbFlag } from '../../schema/cb-flag.ts';
import { Kind } from '../../schema/kind.ts';
import { Op } from '../../schema/op.ts';
import { TcpFlag } from '../../schema/tcp-flag.ts';
import { slotList, spanOf } from '../random-events.test.helper.ts';
import { explainPlan } from './explain-plan.ts';
import { naiveSelect } from './naive-match.test.helper.ts';
import { planWarnings } from './plan-warnings.ts';
import { anyPlan } from './random-plan.test.helper.ts';

const op = (...ops: number[]): PlanFilter => ({ type: 'op', ops });
const flags = (
  field: 'cb' | 'tcp' | 'ecn',
  asked: Partial<{ any: number; all: number; none: number }>,
): PlanFilter => ({ type: 'flags', field, any: 0, all: 0, none: 0, ...asked });
const where: PlanFilter = { type: 'where', test: (event) => event.localPort > 80 };

test('a plan that can match nothing says why', () => {
  const plans: readonly (readonly [Plan, RegExp])[] = [
    [[op(Op.RTT_CB), flags('tcp', { any: TcpFlag.SYN })], /TCP flags.*RTT_CB carries none/],
    [[op(Op.TSTAMP_ACK_CB), flags('cb', { all: CbFlag.RTT })], /callback flags.*TSTAMP_ACK_CB/],
    [[op(Op.RTT_CB), where, op(Op.STATE_CB)], /filterOp\(RTT_CB\) and filterOp\(STATE_CB\)/],
    [[{ type: 'kind', kinds: [2] }, op(Op.RTT_CB)], /RTT_SUMMARY/],
    [
      [
        { type: 'kind', kinds: [2] },
        { type: 'kind', kinds: [3] },
      ],
      /filterKind/,
    ],
    [[flags('tcp', { all: 2 }), flags('tcp', { none: 2 })], /also excludes/],
    [[flags('tcp', { any: 2, none: 6 })], /also excludes/],
    [
      [
        { type: 'state', states: [1] },
        { type: 'state', states: [2] },
      ],
      /ESTABLISHED.*SYN_SENT/,
    ],
    [[{ type: 'time', startNs: 5n, endNs: 5n }], /ends before it starts/],
    [[{ type: 'sample', threshold: 0, ratio: 0 }], /keeps no connection/],
  ];
  for (const [plan, reason] of plans) {
    const warnings = planWarnings(plan);
    assert.equal(warnings.length, 1, String(reason));
    assert.match(warnings[0] ?? '', reason);
  }
});

test('a plan that may match something gives no warning', () => {
  const plans: readonly Plan[] = [
    [],
    [where],
    [op(Op.RTT_CB), flags('cb', { any: CbFlag.RTT })],
    [op(Op.RTT_CB, Op.PARSE_HDR_OPT_CB), flags('tcp', { any: TcpFlag.SYN })],
    [op(Op.HDR_OPT_LEN_CB), flags('tcp', { none: TcpFlag.SYN })],
    [op(99), flags('tcp', { any: 1 })],
    [flags('tcp', { any: 3, none: 1 })],
  ];
  for (const plan of plans) assert.deepEqual(planWarnings(plan), []);
});

test('what the source does not give is a warning where a plan asks for nothing else', () => {
  const kind = (...kinds: number[]): PlanFilter => ({ type: 'kind', kinds });
  assert.match(
    planWarnings([kind(Kind.RTT_SUMMARY)], [Kind.OP, Kind.SNAPSHOT]).join('\n'),
    /^filterKind\(RTT_SUMMARY\) matches nothing: the source, .* kind OP and SNAPSHOT only$/,
  );
  assert.match(planWarnings([op(Op.RTT_CB)], [Kind.RTT_SUMMARY]).join('\n'), /^filterOp\(RTT_CB\)/);
  assert.deepEqual(planWarnings([kind(Kind.RTT_SUMMARY, Kind.OP)], [Kind.OP]), []);
  assert.deepEqual(planWarnings([kind(Kind.RTT_SUMMARY)]), []);
  assert.deepEqual(planWarnings([where], [Kind.OP]), []);
});

test('a plan with a warning matches no event', () => {
  fc.assert(
    fc.property(slotList, anyPlan, (slots, plan) => {
      fc.pre(planWarnings(plan).length > 0);
      const span = spanOf(slots);
      assert.deepEqual(naiveSelect(span, span.words, plan), []);
    }),
    { numRuns: 200 },
  );
});

test('an explanation says what the source does, what is one loop, and what ends it', () => {
  const plan: Plan = [
    op(Op.RTT_CB, Op.RETRANS_CB),
    { type: 'port', end: 'remote', ports: [443] },
    where,
  ];
  const source = {
    describePushDown: (filter: PlanFilter) =>
      filter.type === 'op' ? 'skips blocks without these ops' : undefined,
  };
  const explanation = explainPlan(plan, source, [[op(Op.RTT_CB)]]);
  assert.deepEqual(explanation.filters, [
    { filter: 'filterOp(RTT_CB, RETRANS_CB)', inSource: 'skips blocks without these ops', run: 0 },
    { filter: 'filterPort(remote: 443)', inSource: undefined, run: 0 },
    { filter: 'where((event) => event.localPort > 80)', inSource: undefined, run: 0 },
    { filter: 'filterOp(RTT_CB)', inSource: undefined, run: 1 },
  ]);
  assert.match(explanation.runs[0]?.text ?? '', /^3 filters, fused in one loop over the slots/);
  assert.match(explanation.runs[1]?.text ?? '', /^1 filter in one loop .* ended the run before/);
  assert.deepEqual(explanation.warnings, []);
  assert.match(explainPlan([], source).runs[0]?.text ?? '', /every slot/);
});
