import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { type BenchDocument, readBenchDocument } from '@sockflow/benchmark';
import { areNeedsRequired } from '@sockflow/test-support';

import { WORKSPACE } from './workspace.ts';

const BENCH = join(WORKSPACE, 'bench/dist/main.js');
/* What may be missing where everything is required: toolchains of peers, which the system's packages bring too old, or not at all. That nothing can be fetched is no excuse. */
const MAY_BE_MISSING = /^no (go|rust) found, |^(go|rust) [\d.]+ found, |: it needs a JDK$/;

/* Cases that have run, of all tests of this file. */
const ran = new Set<string>();

/* That it runs and that all sides of each case agree; speed is not tested. */
function runBench(...names: readonly string[]): BenchDocument {
  const run = spawnSync(process.execPath, [BENCH, '--smoke', '--json', '-', ...names], {
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 1 << 28,
  });
  assert.equal(run.status, 0, run.stderr);
  const document = readBenchDocument(run.stdout);
  assert.equal(document.machine.node, process.version);
  for (const { id } of document.load.cases) ran.add(id);
  for (const { id, reads, unit } of document.results) {
    assert.match(id, /^[^/]+\/[^/]+\/[^/]+(\/[^/]+)?$/, id);
    assert.ok(reads !== '' && unit !== '', id);
  }
  if (areNeedsRequired()) {
    for (const { id, reason } of document.leftOut) assert.match(reason, MAY_BE_MISSING, id);
  }
  return document;
}

/** Each id once, and each that is expected, or a reason why its row or its case is not there. */
function assertHolds({ results, leftOut }: BenchDocument, ids: readonly string[]): void {
  const found = new Set(results.map(({ id }) => id));
  assert.equal(found.size, results.length, 'each id once');
  const isTold = (id: string): boolean => {
    const [suite = '', , name = ''] = id.split('/');
    return leftOut.some((one) => {
      const [itsSuite, itsName, ...more] = one.id.split('/');
      const isItsCase = more.length === 0 && itsSuite === suite && name.startsWith(itsName ?? '?');
      return one.id === id || isItsCase;
    });
  };
  for (const id of ids) assert.ok(found.has(id) || isTold(id), `${id} in ${[...found].join(', ')}`);
}

function assertDraws({ plots }: BenchDocument, ids: readonly string[]): void {
  for (const id of ids) {
    const plot = plots.find((one) => one.id === id);
    assert.ok(plot !== undefined, `${id} in ${plots.map((one) => one.id).join(', ')}`);
    for (const { points } of plot.series)
      assert.ok(points.length > 0 && points.every(({ y }) => y >= 0), id);
  }
}

test('each benchmark runs, finds what its baseline finds, and prints JSON and nothing else', () => {
  const document = runBench('filter', 'decode', 'pipeline', 'sinks');
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
    'pipeline/generated/count-survivors/c',
    'pipeline/generated/two-lanes/one-lane',
    'sinks/generated/copy-all/c',
    'sinks/fixture/ndjson/stringify',
    'sinks/generated/write/dd',
    'sinks/generated/read/cat',
    'sinks/large/time-range/one-block',
    'sinks/large/memory/sixteenth',
    'filter/generated/op-flags/go-unsafe',
    'filter/generated/op-flags/rust',
    'filter/generated-part/op-flags/python-struct',
    'decode/generated/five-fields/go-binary',
    'decode/generated-part/every-field/python-ctypes',
    'decode/fixture/every-field/go-binary-read',
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
});

test('each benchmark of rings and of costs runs, reads what its baseline reads, and accounts for every slot', () => {
  const document = runBench('ring', 'cost');
  assertHolds(document, [
    'ring/threads/publish-per-64/publish-each',
    'ring/threads/messages-of-64/transfer',
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
    'ring/16MiB/drain/go',
    'ring/128MiB/drain/rust',
    'ring/16MiB/live/go',
    'ring/16MiB/live-lost/rust',
  ]);
  assertDraws(document, [
    'ring/latency-shared-to-next',
    'cost/generated/cpu',
    'cost/generated/heap',
  ]);
  if (document.leftOut.some(({ id }) => id === 'cost/program')) return;
  assertDraws(document, [
    'ring/latency-kernel-to-acknowledged',
    'cost/kernel/program',
    'cost/kernel/application',
  ]);
});

test('each benchmark of Kafka events runs, and each event is acknowledged or read', () => {
  assertHolds(runBench('kafka'), [
    'kafka/json/sink-none/by-hand',
    'kafka/packed/sink-lz4/java',
    'kafka/packed/gain-none/json',
    'kafka/json/spool/without',
    'kafka/packed/source/java',
    'kafka/packed/source-gain/msgpack',
  ]);
});

test('no case was forgotten: those that are listed have run above, each with a row, a plot or a reason', () => {
  const { stdout } = spawnSync(process.execPath, [BENCH, '--list'], { encoding: 'utf8' });
  const listed = [...stdout.matchAll(/^[a-z-]+\/[a-z-]+/gm)].map(([id]) => id);
  assert.ok(listed.length > 30);
  assert.deepEqual(ran, new Set(listed));
});

test('a name that is no case is refused, with the list of those that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [BENCH, 'decode', 'ring/nothing'], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /^unknown: ring\/nothing$/m);
  assert.match(stderr, /^decode\/every-field /m);
});
