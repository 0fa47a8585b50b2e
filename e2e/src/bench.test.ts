import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { requireKafka, requireKernel, requireTool } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

interface Case {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly spread: readonly number[];
}

interface Report {
  readonly machine: { readonly node: string };
  readonly cases: readonly Case[];
}

/* That it runs and that both sides of each case agree; speed is not tested, a missed budget (exit code 1) is none of ours. */
function runBench(...suites: readonly string[]): Report {
  const run = spawnSync(
    process.execPath,
    [join(WORKSPACE, 'bench/dist/main.js'), '--json', '--size', '16', '--rounds', '1', ...suites],
    { encoding: 'utf8', timeout: 600_000 },
  );
  assert.ok(run.status === 0 || run.status === 1, run.stderr);
  const report = JSON.parse(run.stdout) as Report;
  assert.equal(report.machine.node, process.version);
  return report;
}

function assertHolds(cases: readonly Case[], ids: readonly string[]): void {
  const found = new Set(cases.map(({ id }) => id));
  for (const id of ids) assert.ok(found.has(id), `${id} in ${[...found].join(', ')}`);
}

test('each benchmark runs, finds what its baseline finds, and prints JSON and nothing else', (t) => {
  if (!requireTool(t, 'gcc')) return;
  const { cases } = runBench('decode', 'pipeline', 'files', 'ring');
  assertHolds(cases, [
    'decode/generated/filter-op-flags',
    'decode/generated/every-field',
    'pipeline/generated/count-survivors/c',
    'pipeline/generated/two-lanes',
    'files/generated/copy-all',
    'files/fixture/ndjson',
    'files/generated/allocation',
  ]);
  for (const { id, value, unit, spread } of cases) {
    assert.ok(value > 0 && unit !== '' && spread.length === 2, id);
  }
});

test('each benchmark of recordings runs, and writes, reads and finds what its baseline does', (t) => {
  if (!requireTool(t, 'gcc')) return;
  const { cases } = runBench('recordings');
  assertHolds(cases, [
    'recordings/write',
    'recordings/generate',
    'recordings/read/c',
    'recordings/read/cat',
    'recordings/rotate',
    'recordings/time-range/0.1GB',
    'recordings/memory/64MiB',
  ]);
  for (const { id, unit, spread } of cases) assert.ok(unit !== '' && spread.length === 2, id);
});

test('each benchmark of the kernel runs, reads what its baseline reads, and accounts for every slot', (t) => {
  if (!requireTool(t, 'gcc') || !requireTool(t, 'clang') || !requireKernel(t, { tools: [] }))
    return;
  const { cases } = runBench('kernel');
  assertHolds(cases, [
    'kernel/drain/16MiB',
    'kernel/drain/128MiB',
    'kernel/live/throughput',
    'kernel/live/lost',
    'kernel/copied/16MiB',
    'kernel/program/connections',
    'kernel/program/rtt-raw',
    'kernel/program/rtt-folded',
    'kernel/application/connections/folded',
    'kernel/application/requests/raw',
    'kernel/idle',
    'kernel/latency/100k-per-sec/p99',
  ]);
  for (const { id, value, unit, spread } of cases) {
    const least = id === 'kernel/live/lost' ? 0 : Number.MIN_VALUE;
    assert.ok(value >= least && unit !== '' && spread.length === 2, id);
  }
});

test('each benchmark of Kafka events runs, and each event is acknowledged or read', (t) => {
  if (!requireKafka(t)) return;
  const { cases } = runBench('kafka', 'gain', 'spool', 'source', '--size', '2');
  assertHolds(cases, [
    'kafka/gain/packed/none/json',
    'kafka/spool/json/without',
    'kafka/source/packed/java',
    'kafka/source/gain/msgpack',
  ]);
  for (const { id, value, unit, spread } of cases) {
    assert.ok(value > 0 && unit !== '' && spread.length === 2, id);
  }
});
