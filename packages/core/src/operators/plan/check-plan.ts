import type { Plan } from '../../contracts/filter.ts';
import type { Source } from '../../contracts/source.ts';
import { ConfigError } from '../../errors.ts';
import { OP_NAMES } from '../../schema/names.ts';
import { type OpNeed, subscriptionContext } from '../subscription-context.ts';
import { describeFilter } from './describe-filter.ts';
import { planWarnings } from './plan-warnings.ts';

/** A source as far as a plan is checked against it. */
export type CheckedSource = Pick<Source, 'name' | 'reportedOps'>;

function opNames(ops: readonly number[]): string {
  return ops.map((op) => OP_NAMES[op]).join(', ');
}

/**
 * Refuses a plan that filters for an op its source was not asked to report.
 *
 * @throws ERR_SOCKFLOW_OP_NOT_REPORTED
 */
function checkPlan(plan: Plan, source: CheckedSource): void {
  const { reportedOps } = source;
  if (reportedOps === undefined) return;
  for (const filter of plan) {
    if (filter.type !== 'op') continue;
    const missing = filter.ops.filter((op) => !reportedOps.includes(op));
    if (missing.length === 0) continue;
    throw new ConfigError(
      'ERR_SOCKFLOW_OP_NOT_REPORTED',
      `${describeFilter(filter)} asks for ${opNames(missing)}, which ${source.name} does not report; it reports ${opNames(reportedOps)}`,
      {
        details: { ops: missing, reportedOps, source: source.name },
        remedy: `Add ${missing.map((op) => `Op.${OP_NAMES[op]}`).join(', ')} to the ops of the source: a filter only looks at what is reported`,
      },
    );
  }
}

function closeError(need: OpNeed, reason: string, remedy: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_CLOSE_NOT_REPORTED',
    `${need.operator} waits for ${OP_NAMES[need.op]} events to see a connection close, but ${reason}`,
    { details: { op: need.op, operator: need.operator }, remedy },
  );
}

function checkNeeds(plan: Plan, needs: readonly OpNeed[], source: CheckedSource | undefined): void {
  for (const need of needs) {
    const name = `Op.${OP_NAMES[need.op]}`;
    if (source?.reportedOps?.includes(need.op) === false) {
      throw closeError(
        need,
        `${source.name} does not report them`,
        `Add ${name} to the ops of the source, or use emitOn: { everyMs }`,
      );
    }
    const whole = planWarnings(plan);
    const withNeed = planWarnings([...plan, { type: 'op', ops: [need.op] }]);
    if (withNeed.length > whole.length) {
      throw closeError(
        need,
        `the filters before it leave them out: ${plan.map((filter) => describeFilter(filter)).join(', ')}`,
        `Add ${name} to filterOp, move the filter behind ${need.operator}, or use emitOn: { everyMs }`,
      );
    }
  }
}

/**
 * Checks the subscription that is being made: its plan against the source, and both against what operators behind it cannot do without. No source: only what the plan
 * itself leaves out.
 *
 * @throws ERR_SOCKFLOW_OP_NOT_REPORTED, ERR_SOCKFLOW_CLOSE_NOT_REPORTED
 */
export function checkSubscription(plan: Plan, source: CheckedSource | undefined): void {
  if (source !== undefined) checkPlan(plan, source);
  checkNeeds(plan, subscriptionContext().needs, source);
}
