import * as v from 'valibot';

import type { CaseResult } from '../case-result.ts';
import { described } from './described.ts';
import type { JsonOf } from './json-of.ts';

const number = v.nullable(v.number());

const interval = v.object({
  low: described(v.number(), 'lower end, one of the values'),
  high: described(v.number(), 'upper end, one of the values'),
  coverage: described(
    v.number(),
    'probability that the interval holds the median: at least 0.95 from six rounds on, 1 - 2^(1-n) of fewer',
  ),
});

/** A row. */
export const CASE_RESULT_SCHEMA: v.GenericSchema<JsonOf<CaseResult>> = v.object({
  id: described(v.string(), 'suite/input/case/baseline; the same from run to run'),
  reads: described(v.string(), "which fields a unit's work reads, or what else is done with it"),
  value: described(v.number(), 'ours: the median of the rounds'),
  unit: described(v.string(), 'of value and baselineValue: events/s, us, B/event'),
  isLessBetter: described(v.boolean(), 'a smaller value is the better one'),
  baseline: described(
    v.nullable(v.string()),
    'what it is compared with, for people; null: a figure that stands alone',
  ),
  kind: described(
    v.nullable(v.picklist(['peer', 'naive', 'self'])),
    'of the baseline: peer, what its own users would write; naive, what makes no headline; self, another setting of ours',
  ),
  baselineValue: described(number, "the baseline's median, in the same unit"),
  ratio: described(
    number,
    "median of the rounds' ratios, above 1 where ours is better; null where a ratio would say nothing",
  ),
  interval: described(
    v.nullable(interval),
    'where the median lies of all rounds that might have been: of the ratio, or of the value where there is none',
  ),
  bestRatio: described(
    number,
    "of each side's best pass: for machines that others use, too; null where there is no ratio",
  ),
  spread: described(
    v.tuple([v.number(), v.number()]),
    'least and greatest ratio of the rounds, or value where there is no ratio',
  ),
  rounds: described(v.number(), 'that were counted'),
  budget: described(
    number,
    'the least ratio that is asked for, or the bound of the value where there is no ratio; null: reported only',
  ),
  pass: described(v.nullable(v.boolean()), 'the budget is met; null where there is none'),
});
