import * as v from 'valibot';

import type { Load } from '../bench-document.ts';
import { described } from './described.ts';
import type { JsonOf } from './json-of.ts';

const ratio = v.nullable(v.number());
const OTHERS = "CPU time of processes that are none of the run's, of all cores' time";
const STOLEN = "CPU time that the hypervisor gave to others, of all cores' time";

const caseLoad = v.object({
  id: described(v.string(), 'suite/case'),
  tookS: described(v.number(), 'how long it took, s'),
  othersRatio: described(ratio, OTHERS),
  stolenRatio: described(ratio, STOLEN),
});

/** Of a run. */
export const LOAD_SCHEMA: v.GenericSchema<JsonOf<Load>> = v.object({
  isValid: described(
    v.nullable(v.boolean()),
    'others had at most 0.05 of the time in the whole run and in every stretch of two seconds or more; null: cannot be told',
  ),
  othersRatio: described(ratio, `${OTHERS}: of the whole run`),
  mostOthersRatio: described(ratio, 'the same of the stretch where it was most'),
  stolenRatio: described(ratio, STOLEN),
  reasons: described(v.array(v.string()), 'what made it invalid, or why it cannot be told'),
  cases: described(v.array(caseLoad), 'the cases in the order in which they ran'),
});
