import type { Plan } from '../../contracts/filter.ts';
import { KIND_NAMES, OP_NAMES } from '../../schema/names.ts';
import { describeFilter } from './describe-filter.ts';
import { mayHaveFlags } from './op-presence.ts';
import { isFlagsImpossible, planSegments, type PlanSegment } from './plan-segment.ts';

const FLAG_NAMES = { cb: 'callback flags', tcp: 'TCP flags', ecn: 'ECN flags' } as const;

function opList(ops: Iterable<number>): string {
  return [...ops].map((op) => OP_NAMES[op]).join(', ');
}

function texts(plan: Plan, ...types: readonly string[]): string {
  return plan
    .filter((filter) => types.includes(filter.type))
    .map((filter) => describeFilter(filter))
    .join(' and ');
}

function setWarnings(plan: Plan, segment: PlanSegment): string[] {
  if (segment.ops?.size === 0) {
    return [`${texts(plan, 'op')} match nothing together: no op is in all of them`];
  }
  if (segment.kinds?.size === 0) {
    const kinds = plan.flatMap((filter) => (filter.type === 'kind' ? filter.kinds : []));
    const names = kinds.map((kind) => KIND_NAMES[kind]).join(', ');
    return [
      `${texts(plan, 'kind')} with ${texts(plan, 'op', 'flags', 'state') || 'each other'} matches nothing: slots of kind ${names} have no such thing`,
    ];
  }
  if (segment.states?.size === 0) {
    return [`${texts(plan, 'state')} match nothing together: no state is in all of them`];
  }
  return [];
}

function flagWarnings(segment: PlanSegment): string[] {
  const warnings: string[] = [];
  for (const [field, flags] of segment.flags) {
    if (isFlagsImpossible(flags)) {
      warnings.push(`filterFlags for ${FLAG_NAMES[field]} asks for flags that it also excludes`);
    }
    const ops = segment.ops ?? new Set<number>();
    if (ops.size > 0 && ![...ops].some((op) => mayHaveFlags(op, field))) {
      warnings.push(
        `filterFlags for ${FLAG_NAMES[field]} matches nothing: ${opList(ops)} ${ops.size === 1 ? 'carries' : 'carry'} none`,
      );
    }
  }
  return warnings;
}

function restWarnings(plan: Plan): string[] {
  const warnings: string[] = [];
  for (const filter of plan) {
    const isEmptySpan =
      filter.type === 'time' &&
      filter.startNs !== undefined &&
      filter.endNs !== undefined &&
      filter.endNs <= filter.startNs;
    if (isEmptySpan)
      warnings.push(`${describeFilter(filter)} matches nothing: it ends before it starts`);
    if (filter.type === 'sample' && filter.threshold === 0) {
      warnings.push(`${describeFilter(filter)} keeps no connection`);
    }
  }
  return warnings;
}

function sourceWarnings(
  plan: Plan,
  { kinds }: PlanSegment,
  reported: readonly number[] | undefined,
): string[] {
  if (kinds === undefined || kinds.size === 0 || reported === undefined) return [];
  if (reported.some((kind) => kinds.has(kind))) return [];
  const names = reported.map((kind) => KIND_NAMES[kind]).join(' and ');
  return [
    `${texts(plan, 'kind', 'op', 'flags', 'state')} matches nothing: the source, as its options are, gives slots of kind ${names} only`,
  ];
}

/** Why a plan can match nothing, in words; empty for a plan that may match something. `reportedKinds` is what its source can give, where that is known. */
export function planWarnings(plan: Plan, reportedKinds?: readonly number[]): string[] {
  // What a user's function does is not known: without them the plan is one conjunction.
  const [segment] = planSegments(plan.filter((filter) => filter.type !== 'where'));
  if (segment === undefined) return [];
  return [
    ...setWarnings(plan, segment),
    ...sourceWarnings(plan, segment, reportedKinds),
    ...flagWarnings(segment),
    ...restWarnings(plan),
  ];
}
