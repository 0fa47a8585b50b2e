import { isDeepStrictEqual } from 'node:util';

import type { PlanFilter } from '../../contracts/filter.ts';

/** Whether two filters keep the same events for sure; functions are the same only if they are one. */
export function isSameFilter(a: PlanFilter, b: PlanFilter): boolean {
  return isDeepStrictEqual(a, b);
}
