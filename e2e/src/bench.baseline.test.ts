import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  type BenchChanges,
  type BenchDocument,
  changesText,
  compareDocuments,
  readBenchDocument,
} from '@sockflow/benchmark';

import { WORKSPACE } from './workspace.ts';

/*
 * bench/baseline.json is the document of a run whose settings it names; it is made anew by
 *
 *   node bench/dist/main.js --smoke --rounds 41 CASE… --json bench/baseline.json
 *
 * Compared is the ratio of each side's best pass: others on the machine only make passes slower, and of 41 passes of a few ms some are left alone. STEADY has the rows for which that is so.
 */
const BASELINE = readBenchDocument(readFileSync(join(WORKSPACE, 'bench/baseline.json'), 'utf8'));

/*
 * Small inputs, which lie in a second-level cache on both sides: what the rest of the machine does to memory and to the third level is no part of them, as it is of the rows of the generated input, whose
 * best passes differ by up to twice. Five runs on two cores with load averages of 14 to 38, on Node 20 and 24, differed by at most 1.25 in these (and by up to 4 in the median of their rounds).
 * Not among them: pipeline/fixture/count-survivors, which one process in ten compiles otherwise, a third as fast for all of its life.
 */
const STEADY: ReadonlySet<string> = new Set([
  'filter/fixture/op-flags/c',
  'decode/fixture/five-fields/c',
  'decode/fixture/every-field-fold/c',
  'decode/generated/five-fields/c',
]);
/* 0.55 of the stored ratio is well below all that was seen, 0.8, and finds a fall to a half. */
const MOST_LOST_RATIO = 0.45;

function compare(before: BenchDocument, after: BenchDocument): BenchChanges {
  return compareDocuments(before, after, {
    by: 'best',
    toleranceRatio: MOST_LOST_RATIO,
    only: (id) => STEADY.has(id),
  });
}

test('no steady ratio of the stored run has fallen to a half', () => {
  const { cases, rounds } = BASELINE.settings;
  const asked = [...String(cases).split(' '), '--smoke', '--rounds', String(rounds)];
  const run = spawnSync(
    process.execPath,
    [join(WORKSPACE, 'bench/dist/main.js'), ...asked, '--json', '-'],
    { encoding: 'utf8', timeout: 600_000, maxBuffer: 1 << 28 },
  );
  assert.equal(run.status, 0, run.stderr);
  const changes = compare(BASELINE, readBenchDocument(run.stdout));
  const worse = changes.ratios.filter(({ verdict }) => verdict === 'worse');
  assert.deepEqual(worse, [], changesText(changes));
  assert.deepEqual(
    changes.missing.filter(({ reason }) => reason === undefined),
    [],
  );
});

test('a ratio that has fallen to a half would be found, in each of the rows', () => {
  const halved = BASELINE.results.map((row) => ({
    ...row,
    bestRatio: row.bestRatio === undefined ? undefined : row.bestRatio / 2,
  }));
  const { ratios } = compare(BASELINE, { ...BASELINE, results: halved });
  assert.deepEqual(new Set(ratios.map(({ id }) => id)), STEADY);
  assert.ok(ratios.every(({ verdict }) => verdict === 'worse'));
});
