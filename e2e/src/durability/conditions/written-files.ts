import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { readTimes } from '../read-back.ts';

/** Removes all files of a folder. */
export function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}

/** The files of a sink below its folder, in the order of their names: that in which a series was written. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('out.'))
    .toSorted()
    .map((name) => join(folder, name));
}

/** That files hold the events from the first on, none twice and none missing in between, and at least those that were acknowledged; complete ones are whole. */
export function checkWritten(
  files: readonly string[],
  expected: readonly bigint[],
  acknowledged: number,
  what: string,
): bigint[] {
  const times = files.flatMap((path) => readTimes(path));
  assert.ok(
    times.length >= acknowledged,
    `${what}: ${acknowledged} acknowledged, ${times.length} readable`,
  );
  assert.deepEqual(times, expected.slice(0, times.length), what);
  return times;
}

/** That files hold all events, in their order, each once. */
export function checkAllWritten(
  files: readonly string[],
  expected: readonly bigint[],
  what: string,
): void {
  const found = checkWritten(files, expected, expected.length, what);
  assert.equal(found.length, expected.length, what);
}
