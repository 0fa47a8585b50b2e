import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { requireTool } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

interface Case {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly spread: readonly number[];
}

/* That it runs and that both sides of each case agree; speed is not tested, a missed budget (exit code 1) is none of ours. */
test('each benchmark runs, finds what its baseline finds, and prints JSON and nothing else', (t) => {
  if (!requireTool(t, 'gcc')) return;
  const run = spawnSync(
    process.execPath,
    [join(WORKSPACE, 'bench/dist/main.js'), '--json', '--size', '16', '--rounds', '1'],
    { encoding: 'utf8', timeout: 120_000 },
  );
  assert.ok(run.status === 0 || run.status === 1, run.stderr);
  const { machine, cases } = JSON.parse(run.stdout) as { machine: { node: string }; cases: Case[] };
  assert.equal(machine.node, process.version);
  const ids = new Set(cases.map(({ id }) => id));
  for (const id of [
    'decode/generated/filter-op-flags',
    'decode/generated/every-field',
    'pipeline/generated/count-survivors/c',
    'pipeline/generated/two-lanes',
    'files/generated/copy-all',
    'files/fixture/ndjson',
    'files/generated/allocation',
  ]) {
    assert.ok(ids.has(id), `${id} in ${[...ids].join(', ')}`);
  }
  for (const { id, value, unit, spread } of cases) {
    assert.ok(value > 0 && unit !== '' && spread.length === 2, id);
  }
});
