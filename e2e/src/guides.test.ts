import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { type CleanableTest, useTempDir } from '@sockflow/test-support';
import { filterOp, fromReplay, laneKey, laneOf, Op, select } from 'sockflow';

import { runCommand, WORKSPACE } from './workspace.ts';

/** A folder with the files that a guide shows, each by the name in its first line, with packages and the real recording beside them. */
function folderOf(t: CleanableTest, guide: string): string {
  const dir = useTempDir(t);
  const text = readFileSync(join(WORKSPACE, 'docs/guides', guide), 'utf8');
  for (const [, code = '', name = ''] of text.matchAll(/^```[jt]s\n(\/\/ (\S+)\n[^]*?)^```/gm)) {
    writeFileSync(join(dir, name), code);
  }
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(join(WORKSPACE, 'e2e/node_modules'), join(dir, 'node_modules'));
  copyFileSync(join(WORKSPACE, 'fixtures/real.sfrec'), join(dir, 'real.sfrec'));
  return dir;
}

function runPipeline(dir: string, pipeline: string, params: readonly string[]): void {
  const options = params.flatMap((param) => ['--param', param]);
  const command = join(WORKSPACE, 'node_modules/.bin/sockflow');
  runCommand(command, ['run', pipeline, '--lanes', '2', ...options], { cwd: dir });
}

function linesIn(dir: string, names: readonly string[]): Record<string, unknown>[] {
  return names
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Losses of the real recording, in-process: op, cookie and time of each. */
async function realLosses(): Promise<string[]> {
  const losses: string[] = [];
  await fromReplay(join(WORKSPACE, 'fixtures/real.sfrec'))
    .pipe(filterOp(Op.RETRANS_CB, Op.RTO_CB), select('op', 'cookie', 'tsNs'))
    .forEach(({ op, cookie, tsNs }) => losses.push(`${op} ${cookie} ${tsNs}`));
  return losses.toSorted();
}

function writeRawEvents(dir: string): void {
  const packed = readFileSync(join(WORKSPACE, 'fixtures/real-context.ndjson.gz'));
  writeFileSync(join(dir, 'events.ndjson'), gunzipSync(packed));
}

function lossesIn(dir: string): string[] {
  return linesIn(dir, ['losses.0.ndjson', 'losses.1.ndjson'])
    .map(({ op, cookie, tsNs }) => `${String(op)} ${String(cookie)} ${String(tsNs)}`)
    .toSorted();
}

test('write-a-source: the source of raw lines gives what the recording of them gives, in two lanes', async (t) => {
  const dir = folderOf(t, 'write-a-source.md');
  writeRawEvents(dir);
  runPipeline(dir, 'json-lines.ts', ['in=events.ndjson', 'out=losses.ndjson']);
  assert.deepEqual(lossesIn(dir), await realLosses());
});

test('write-a-source: a producer in a thread of its own gives the same over rings', async (t) => {
  const dir = folderOf(t, 'write-a-source.md');
  writeRawEvents(dir);
  writeFileSync(
    join(dir, 'ring-pipeline.js'),
    `import { definePipeline, file, filterOp, Op } from 'sockflow';
import { jsonLines } from './ring-source.js';
export default definePipeline({
  source: jsonLines('events.ndjson', { id: 'web-1', hz: 250 }),
  events: (batches) => batches.pipe(filterOp(Op.RETRANS_CB, Op.RTO_CB)),
  sinks: [file('losses.ndjson')],
});\n`,
  );
  runPipeline(dir, 'ring-pipeline.js', []);
  assert.deepEqual(lossesIn(dir), await realLosses());
});

test('write-an-operator: resets are those of the traffic, and rates count every event once', (t) => {
  const dir = folderOf(t, 'write-an-operator.md');
  writeFileSync(
    join(dir, 'use.ts'),
    `import { definePipeline, file, replay, select } from 'sockflow';
import { ratePerSecond } from './rate-per-second.ts';
import { resets } from './resets.ts';
export default definePipeline({
  source: replay('real.sfrec'),
  events: (batches) => ({
    resets: batches.pipe(resets, select('localPort')),
    rates: batches.pipe(ratePerSecond()),
  }),
  sinks: { resets: [file('resets.ndjson')], rates: [file('rates.ndjson')] },
});\n`,
  );
  runPipeline(dir, 'use.ts', []);
  const resets = linesIn(dir, ['resets.0.ndjson', 'resets.1.ndjson']);
  // Three connections to this port were reset by the client: the server's end is told.
  assert.deepEqual(
    resets.map(({ localPort }) => localPort),
    [8004, 8004, 8004],
  );
  for (const lane of [0, 1]) {
    const seconds = linesIn(dir, [`rates.${lane}.ndjson`]).map(({ second }) => Number(second));
    assert.deepEqual(
      seconds,
      [...new Set(seconds)].toSorted((a, b) => a - b),
    );
  }
  const rates = linesIn(dir, ['rates.0.ndjson', 'rates.1.ndjson']);
  assert.equal(
    rates.reduce((sum, { events }) => sum + Number(events), 0),
    3595,
  );
});

test('test-your-pipeline: its tests pass', (t) => {
  const dir = folderOf(t, 'test-your-pipeline.md');
  const names = ['losses', 'stale', 'own-events', 'lanes'].map((name) => `${name}.test.js`);
  const report = runCommand('node', ['--test', '--test-reporter=tap', ...names], { cwd: dir });
  assert.match(report, /^# pass 4$/m);
});

test('test-your-pipeline: its Vitest file passes, and fails where the pipeline is wrong', (t) => {
  const dir = folderOf(t, 'test-your-pipeline.md');
  const vitest = join(WORKSPACE, 'e2e/node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', dir, '--reporter=json', 'losses.spec.js'];
  const report = JSON.parse(runCommand(process.execPath, args, { cwd: dir })) as VitestReport;
  assert.deepEqual([report.numPassedTests, report.numFailedTests], [2, 0]);
  const code = readFileSync(join(dir, 'losses.js'), 'utf8');
  writeFileSync(join(dir, 'losses.js'), code.replace('segments > 0', 'segments > 4'));
  assert.throws(() => runCommand(process.execPath, args, { cwd: dir }));
});

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

interface RttSamples {
  readonly cookie: string;
  readonly port: number;
  readonly rttUs: number[];
}

/** RTT samples of the real recording, by connection end. */
function realRttSamples(lines: readonly string[]): RttSamples[] {
  const byEnd = new Map<string, RttSamples>();
  for (const line of lines) {
    const { op, args, cookie, netns_cookie: netns, local_port: port } = JSON.parse(line);
    if (op !== Op.RTT_CB) continue;
    const end: RttSamples = byEnd.get(`${netns} ${cookie}`) ?? { cookie, port, rttUs: [] };
    end.rttUs.push(args[0]);
    byEnd.set(`${netns} ${cookie}`, end);
  }
  return [...byEnd.values()];
}

/** The same samples as summaries of seven at most, in a recording. */
function writeSummaries(dir: string, lines: readonly string[], ends: readonly RttSamples[]): void {
  const summaries = ends.flatMap(({ cookie, rttUs }) => {
    const sample = lines.find((line) => JSON.parse(line).cookie === cookie) ?? '';
    const { op: _op, ...event } = JSON.parse(sample);
    return Array.from({ length: Math.ceil(rttUs.length / 7) }, (_, index) => {
      const some = rttUs.slice(index * 7, index * 7 + 7);
      const buckets = Array.from({ length: 23 }, () => 0);
      for (const us of some) buckets[us < 16 ? 0 : Math.floor(Math.log2(us)) - 3]! += 1;
      return JSON.stringify({
        ...event,
        kind: 'RTT_SUMMARY',
        rtt_sum_us: some.reduce((sum, us) => sum + us, 0),
        rtt_count: some.length,
        rtt_low_us: Math.min(...some),
        rtt_high_us: Math.max(...some),
        rtt_buckets: buckets,
      });
    });
  });
  writeFileSync(join(dir, 'summaries.ndjson'), summaries.join('\n'));
  const command = join(WORKSPACE, 'node_modules/.bin/sockflow');
  const files = ['summaries.ndjson', 'summaries.sfrec'];
  runCommand(command, ['convert', '--from', 'context-json', ...files], { cwd: dir });
}

test('aggregate: quantiles per port of two lanes are those of all samples of the port', (t) => {
  const dir = folderOf(t, 'aggregate.md');
  const packed = readFileSync(join(WORKSPACE, 'fixtures/real-context.ndjson.gz'));
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
  const ends = realRttSamples(lines);
  writeSummaries(dir, lines, ends);
  for (const port of [8001, 8002, 8010]) {
    const own = ends.filter((end) => end.port === port);
    const sorted = own.flatMap(({ rttUs }) => rttUs).toSorted((a, b) => a - b);
    const report = runCommand('node', ['report.js', 'summaries.sfrec', String(port)], { cwd: dir });
    const told = /^port (\d+): p50 (\d+) us, p99 (\d+) us, max (\d+) us of (\d+) samples\n$/
      .exec(report)
      ?.slice(1)
      .map(Number);
    const [toldPort, p50 = 0, p99 = 0, highUs, count] = told ?? [];
    assert.deepEqual([toldPort, highUs, count], [port, sorted.at(-1), sorted.length]);
    for (const [quantile, toldUs] of [
      [0.5, p50],
      [0.99, p99],
    ] as const) {
      const exactUs = sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
      assert.ok(toldUs > exactUs / 2 && toldUs < exactUs * 2, `${toldUs} for ${exactUs}`);
    }
  }
  const lanesOf8001 = ends
    .filter(({ port }) => port === 8001)
    .map(({ cookie }) => laneOf(laneKey(Number(cookie), 0), 2));
  assert.deepEqual(
    [...new Set(lanesOf8001)].toSorted((a, b) => a - b),
    [0, 1],
  );
});
