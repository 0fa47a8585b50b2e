import * as v from 'valibot';

import { BENCH_SCHEMA, type BenchDocument } from '../bench-document.ts';
import { CASE_RESULT_SCHEMA } from './case-result-schema.ts';
import { described } from './described.ts';
import type { JsonOf } from './json-of.ts';
import { LOAD_SCHEMA } from './load-schema.ts';
import { PLOT_SCHEMA } from './plot-schema.ts';

const machine = v.object({
  cpu: described(v.string(), 'model of the processor'),
  cores: described(v.number(), 'CPUs that the system has'),
  caches: described(v.array(v.string()), 'of the first CPU, as the kernel tells them: L1d 32 KiB'),
  memoryGiB: described(v.number(), 'main memory, GiB'),
  kernel: described(v.string(), 'release of the kernel'),
  node: described(v.string(), 'version of Node.js'),
  isVirtual: described(v.nullable(v.boolean()), 'a virtual machine; null: cannot be told'),
  governor: v.exactOptional(
    described(
      v.nullable(v.string()),
      "of the first CPU's frequency; null: the system does not tell",
    ),
  ),
  isBoosted: v.exactOptional(
    described(
      v.nullable(v.boolean()),
      'CPUs may run faster than their base frequency; null: the system does not tell',
    ),
  ),
  quotaCores: v.exactOptional(
    described(
      v.nullable(v.number()),
      "CPUs' worth of time that the process's cgroups leave it; null: all, or it cannot be told",
    ),
  ),
  toolchains: described(
    v.record(v.string(), v.string()),
    "versions of the peers' compilers and runtimes, by name",
  ),
});

const leftOut = v.object({
  id: described(v.string(), 'of the case (suite/case) or of the row that is missing'),
  reason: described(v.string(), 'what it needs, or how it failed'),
});

/**
 * A document as it lies in a file: `null` stands for what there is not. Readers leave keys alone that they do not know; what would break them gets a new number in `schema`.
 */
export const BENCH_DOCUMENT_SCHEMA: v.GenericSchema<JsonOf<BenchDocument>> = v.object({
  schema: described(v.literal(BENCH_SCHEMA), 'name and number of the format'),
  startedAt: described(v.pipe(v.string(), v.isoTimestamp()), 'when the run began, ISO 8601, UTC'),
  tookS: described(v.number(), 'how long it took, s'),
  version: described(v.string(), 'of sockflow'),
  machine: described(machine, 'what it was measured on'),
  settings: described(
    v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
    'what was asked for: names, sizes, rounds',
  ),
  load: described(LOAD_SCHEMA, 'whether others used the machine meanwhile'),
  results: described(v.array(CASE_RESULT_SCHEMA), 'one row for each case and baseline'),
  plots: described(v.array(PLOT_SCHEMA), 'questions answered by curves'),
  leftOut: described(v.array(leftOut), 'cases and rows that could not be had, and why'),
  isInterrupted: v.exactOptional(
    described(v.nullable(v.boolean()), 'a signal ended the run: what it had found until then'),
  ),
});
