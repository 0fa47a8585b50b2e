import type { Plan } from '../../contracts/filter.ts';
import type { Source } from '../../contracts/source.ts';
import { ConfigError } from '../../errors.ts';
import { OP_NAMES } from '../../schema/names.ts';

/** A source as far as a plan is checked against it. */
export type CheckedSource = Pick<Source, 'name' | 'reportedOps'>;

/**
 * Refuses a plan that filters for an op its source was not asked to report.
 *
 * @throws ERR_SOCKFLOW_OP_NOT_REPORTED
 */
export function checkPlan(plan: Plan, source: CheckedSource): void {
  const { reportedOps } = source;
  if (reportedOps === undefined) return;
  for (const filter of plan) {
    if (filter.type !== 'op') continue;
    const missing = filter.ops.filter((op) => !reportedOps.includes(op));
    if (missing.length === 0) continue;
    const names = missing.map((op) => OP_NAMES[op]).join(', ');
    throw new ConfigError(
      'ERR_SOCKFLOW_OP_NOT_REPORTED',
      `filterOp asks for ${names}, which ${source.name} does not report; it reports ${reportedOps.map((op) => OP_NAMES[op]).join(', ')}`,
      {
        details: { ops: missing, reportedOps, source: source.name },
        remedy: `Add ${missing.map((op) => `Op.${OP_NAMES[op]}`).join(', ')} to the ops of the source: a filter only looks at what is reported`,
      },
    );
  }
}
