import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { areNeedsRequired, requireKafka, requireKernel, requireTool } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

interface Row {
  readonly id: string;
  readonly reads: string;
  readonly value: number;
  readonly unit: string;
  readonly spread: readonly number[];
}

interface Missing {
  readonly id: string;
  readonly reason: string;
}

interface Curves {
  readonly id: string;
  readonly series: readonly { readonly points: readonly { readonly y: number }[] }[];
}

interface Document {
  readonly machine: { readonly node: string };
  readonly results: readonly Row[];
  readonly plots: readonly Curves[];
  readonly leftOut: readonly Missing[];
}

/* That it runs and that all sides of each case agree; speed is not tested. */
function runBench(...names: readonly string[]): Document {
  const run = spawnSync(
    process.execPath,
    [join(WORKSPACE, 'bench/dist/main.js'), '--smoke', '--json', '-', ...names],
    { encoding: 'utf8', timeout: 600_000 },
  );
  assert.equal(run.status, 0, run.stderr);
  const document = JSON.parse(run.stdout) as Document;
  assert.equal(document.machine.node, process.version);
  for (const { id, reads, unit, value, spread } of document.results) {
    assert.match(id, /^[^/]+\/[^/]+\/[^/]+(\/[^/]+)?$/, id);
    assert.ok(reads !== '' && unit !== '' && Number.isFinite(value) && spread.length === 2, id);
  }
  return document;
}

function assertHolds({ results }: Document, ids: readonly string[]): void {
  const found = new Set(results.map(({ id }) => id));
  assert.equal(found.size, results.length, 'each id once');
  for (const id of ids) assert.ok(found.has(id), `${id} in ${[...found].join(', ')}`);
}

/** Rows of peers whose compiler may not be here, or be too old: then the document says so. That nothing can be fetched is no excuse where all needs are required. */
function assertHoldsOrSays(document: Document, ids: readonly string[]): void {
  const found = new Set(document.results.map(({ id }) => id));
  const reasons = new Map(document.leftOut.map(({ id, reason }) => [id, reason]));
  for (const id of ids) {
    if (found.has(id)) continue;
    assert.match(
      reasons.get(id) ?? 'neither measured nor left out',
      areNeedsRequired() ? /found, \S+ needed$/ : /found, \S+ needed$|build failed: /,
      id,
    );
  }
}

function assertDraws({ plots }: Document, ids: readonly string[]): void {
  for (const id of ids) {
    const plot = plots.find((one) => one.id === id);
    assert.ok(plot !== undefined, `${id} in ${plots.map((one) => one.id).join(', ')}`);
    for (const { points } of plot.series)
      assert.ok(points.length > 0 && points.every(({ y }) => y >= 0), id);
  }
}

test('each benchmark runs, finds what its baseline finds, and prints JSON and nothing else', (t) => {
  if (!requireTool(t, 'gcc')) return;
  const document = runBench(
    'filter',
    'decode',
    'pipeline',
    'ring/between-threads',
    'ring/post-message',
    'sinks',
  );
  assertHolds(document, [
    'filter/generated/op-flags/c',
    'filter/generated/op-flags/typed-array',
    'filter/generated-part/op-flags/arrow-values',
    'decode/generated/five-fields/c',
    'decode/generated/every-field/c',
    'decode/generated/every-field/data-view',
    'decode/generated-part/five-fields/protobuf-stream',
    'decode/generated-part/every-field/msgpackr-records',
    'decode/fixture/five-fields/json-readline',
    'decode/fixture/size/arrow',
    'ring/threads/messages-of-64/transfer',
    'pipeline/generated/count-survivors/c',
    'pipeline/generated/two-lanes/one-lane',
    'sinks/generated/copy-all/c',
    'sinks/fixture/ndjson/stringify',
    'sinks/generated/write/dd',
    'sinks/generated/read/cat',
    'sinks/large/time-range/one-block',
    'sinks/large/memory/sixteenth',
    'pipeline/generated/selectivity-five-10-percent/c',
    'pipeline/generated/lanes-1/c-threads',
    'sinks/generated/compression-zstd-3',
  ]);
  assertDraws(document, [
    'pipeline/generated/selectivity',
    'pipeline/generated/batch-size',
    'pipeline/generated/record-count',
    'pipeline/generated/lanes',
    'pipeline/generated/operators',
    'sinks/generated/compression',
  ]);
  assertHoldsOrSays(document, [
    'filter/generated/op-flags/go-unsafe',
    'filter/generated/op-flags/rust',
    'filter/generated-part/op-flags/python-struct',
    'decode/generated/five-fields/go-binary',
    'decode/generated-part/every-field/python-ctypes',
    'decode/fixture/every-field/go-binary-read',
  ]);
});

test('each benchmark of the kernel runs, reads what its baseline reads, and accounts for every slot', (t) => {
  if (!requireTool(t, 'gcc') || !requireTool(t, 'clang') || !requireKernel(t, { tools: [] }))
    return;
  const document = runBench('ring', 'cost');
  assertHolds(document, [
    'ring/16MiB/drain/libbpf',
    'ring/128MiB/drain/libbpf',
    'ring/16MiB/live/libbpf',
    'ring/16MiB/live-lost/libbpf',
    'ring/16MiB/copied/mapped',

    'cost/connections/program/smallest',
    'cost/rtt-raw/program/smallest',
    'cost/rtt-folded/program/smallest',
    'cost/connections/application-folded/without',
    'cost/requests/application-raw/without',
    'cost/nothing/idle/bare-node',
    'cost/generated/allocation',
    'cost/generated/ndjson-cpu',
    'ring/shared/latency-1M-to-next-p99',
    'ring/kernel/latency-10k-to-acknowledged-p50',
  ]);
  assertDraws(document, [
    'ring/latency-shared-to-next',
    'ring/latency-kernel-to-acknowledged',
    'cost/generated/cpu',
    'cost/generated/heap',
    'cost/kernel/program',
    'cost/kernel/application',
  ]);
  assertHoldsOrSays(document, [
    'ring/16MiB/drain/go',
    'ring/128MiB/drain/rust',
    'ring/16MiB/live/go',
    'ring/16MiB/live-lost/rust',
  ]);
});

test('each benchmark of Kafka events runs, and each event is acknowledged or read', (t) => {
  if (!requireKafka(t)) return;
  assertHolds(runBench('kafka/gain', 'kafka/spool', 'kafka/source'), [
    'kafka/packed/gain-none/json',
    'kafka/json/spool/without',
    'kafka/packed/source/java',
    'kafka/packed/source-gain/msgpack',
  ]);
});
