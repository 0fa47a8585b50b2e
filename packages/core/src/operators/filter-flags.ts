import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { FlagTest, PlanFilter } from '../contracts/filter.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { applyFilter } from './apply-filter.ts';
import { checkInteger, optionError } from './check-option.ts';

/** Flags compared, or'ed together: at least one of `any`, all of `all`, none of `none`. What is left out asks nothing. */
export type FlagOptions = Partial<FlagTest>;

/** Which flags to compare: callback flags, TCP flags of the segment, ECN flags of the socket. */
export interface FilterFlagsOptions {
  readonly cb?: FlagOptions;
  readonly tcp?: FlagOptions;
  readonly ecn?: FlagOptions;
}

const FIELDS = ['cb', 'tcp', 'ecn'] as const;
const MAX_FLAGS = { cb: 0xff, tcp: 0xffff, ecn: 0xff } as const;

function flagFilter(field: (typeof FIELDS)[number], options: FlagOptions): PlanFilter {
  const { any = 0, all = 0, none = 0 } = options;
  for (const [name, value] of Object.entries({ any, all, none })) {
    checkInteger('filterFlags', `${field}.${name}`, value, 0, MAX_FLAGS[field]);
  }
  if ((any | all | none) === 0) {
    throw optionError('filterFlags', field, 'at least one flag in any, all or none', options);
  }
  return { type: 'flags', field, any, all, none };
}

/** Keeps the op events whose flags are as asked. An event without such flags (TCP flags of an RTT sample) does not pass, whatever is asked. */
export function filterFlags(
  options: FilterFlagsOptions,
): <E extends EventView>(source: Observable<Batch<E>>) => Observable<Batch<E>> {
  const filters = FIELDS.flatMap((field) => {
    const test = options[field];
    return test === undefined ? [] : [flagFilter(field, test)];
  });
  if (filters.length === 0) {
    throw optionError('filterFlags', 'options', 'at least one of cb, tcp and ecn', options);
  }
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    filters.reduce((batches, filter) => applyFilter<E, E>(filter)(batches), source);
}
