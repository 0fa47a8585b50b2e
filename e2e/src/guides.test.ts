import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { type CleanableTest, useTempDir } from '@sockflow/test-support';
import { filterOp, fromReplay, Op, select } from 'sockflow';

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
