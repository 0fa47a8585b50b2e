import assert from 'node:assert/strict';

import type { Ended } from '../cli/sockflow-command.ts';

/** What the ledger says of the one sink of a run. */
export interface SinkCounts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

interface RunJson {
  readonly outcome: string;
  readonly ledger: { readonly total: { readonly outputs: { readonly sinks: SinkCounts[] }[] } };
  readonly warnings: readonly string[];
  readonly error?: { readonly codes: readonly string[]; readonly remedy?: string };
}

/** What a run with `--json` said on stdout. */
export function runJson(stdout: string): RunJson {
  return JSON.parse(stdout) as RunJson;
}

/** The books of the one sink, which add up. */
export function countsOf(stdout: string, what: string): SinkCounts {
  const counts = runJson(stdout).ledger.total.outputs[0]?.sinks[0];
  assert.ok(counts !== undefined, what);
  assert.equal(counts.acknowledged + counts.failed, counts.given, what);
  return counts;
}

/** A run that a file system ended: one error of ours with a code of its own, its errno and a remedy, and books that add up. */
export function checkFailedRun(
  run: Pick<Ended, 'status' | 'stdout' | 'stderr'>,
  expected: { readonly code: RegExp; readonly errno: string; readonly what: string },
): SinkCounts {
  const { code, errno, what } = expected;
  assert.equal(run.status, 1, `${what}\n${run.stderr}`);
  const { error, outcome } = runJson(run.stdout);
  assert.equal(outcome, 'failed', what);
  const [lane, sink = '', ...more] = error?.codes ?? [];
  assert.deepEqual([lane, more], ['ERR_SOCKFLOW_LANE_FAILED', []], what);
  assert.match(sink, code, what);
  assert.match(error?.remedy ?? '', /\S/, what);
  assert.match(run.stderr, new RegExp(String.raw`\((${errno})\)`), what);
  assert.equal(run.stderr.match(/^error /gm)?.length, 1, `${what}\n${run.stderr}`);
  return countsOf(run.stdout, what);
}
