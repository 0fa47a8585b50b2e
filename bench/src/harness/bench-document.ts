import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BENCH_SCHEMA, type BenchDocument, type Machine } from '@sockflow/benchmark';

import { ROOT_DIR } from './paths.ts';
import type { Found } from './run-cases.ts';

/** What of a run is known beside what it found. */
export interface RunFacts {
  readonly startedAt: Date;
  readonly machine: Machine;
  readonly settings: BenchDocument['settings'];
  /** By a signal, before its last case. */
  readonly isInterrupted: boolean;
}

/** What a run leaves behind. */
export function benchDocument(
  { startedAt, machine, settings, isInterrupted }: RunFacts,
  found: Found,
): BenchDocument {
  return {
    schema: BENCH_SCHEMA,
    startedAt: startedAt.toISOString(),
    tookS: (Date.now() - startedAt.getTime()) / 1000,
    version: version(),
    machine,
    settings,
    load: found.load,
    results: found.results,
    plots: found.plots,
    leftOut: found.leftOut,
    isInterrupted,
  };
}

function version(): string {
  const text = readFileSync(join(ROOT_DIR, 'packages/cli/package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
