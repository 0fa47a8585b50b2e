import assert from 'node:assert/strict';

import type { Ended } from '../cli/sockflow-command.ts';
import { countsOf, runJson } from './failed-run.ts';

/** Options of a file that waits, and looks often. */
export const WAIT = 'on-error=wait&retry=50ms';

/** A run that waited and then went on to its end: all that was given is acknowledged, and the summary tells of it. */
export function checkWaitedRun(run: Ended, what: string): void {
  assert.equal(run.status, 0, `${what}\n${run.stderr}`);
  const { acknowledged, given } = countsOf(run.stdout, what);
  assert.equal(acknowledged, given, what);
  assert.match(run.stderr, /warning .* is written again, after /, what);
  const { outcome, warnings } = runJson(run.stdout);
  assert.equal(outcome, 'completed', what);
  assert.match(warnings.join('\n'), /waited for its file system \d+ times?, .* in all/, what);
}
