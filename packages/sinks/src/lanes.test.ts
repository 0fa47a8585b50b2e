import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { type EventObject, run } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';

import { memory } from './memory/memory.ts';
import { realEvents, realRecording } from './real-recording.test.support.ts';
import { writeTo } from './write-to.ts';

const PIPELINE = new URL('./two-lanes.test.pipeline.js', import.meta.url);
const SELECTED = realEvents().filter(
  (event) => 'op' in event && [10, 12].includes(event.op),
).length;

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

test('two lanes write a part each of NDJSON and of a recording, and all that is emitted by memory arrives as results', async (t) => {
  const dir = useTempDir(t);
  const recording = join(dir, 'in.sfrec');
  realRecording(recording);
  const sinks = [`file:${join(dir, 'out.ndjson')}`, join(dir, 'out.sfrec'), 'memory'];
  const handle = run(PIPELINE, { lanes: 2, params: { recording, sinks } });
  const results: EventObject[] = [];
  handle.results.subscribe((event) => results.push(event as EventObject));
  const summary = await handle.done;

  assert.deepEqual(readdirSync(dir).toSorted(), [
    'in.sfrec',
    'out.0.ndjson',
    'out.0.sfrec',
    'out.1.ndjson',
    'out.1.sfrec',
  ]);
  const parts = [0, 1].map((lane) => linesOf(join(dir, `out.${lane}.ndjson`)));
  assert.ok(parts.every((lines) => lines.length > 100));
  assert.equal(parts.flat().length, SELECTED);
  const back = memory();
  await writeTo(fromReplay(join(dir, 'out.sfrec')), back);
  const texts = (objects: readonly object[]): string[] =>
    objects
      .map((object) =>
        JSON.stringify(
          object,
          (_, value) => (typeof value === 'bigint' ? String(value) : value) as unknown,
        ),
      )
      .toSorted();
  assert.deepEqual(texts(back.events), parts.flat().toSorted());
  assert.deepEqual(texts(results), parts.flat().toSorted());
  const locations = new Set(summary.sinks.map(({ location }) => location));
  assert.ok(locations.has(join(dir, 'out.1.ndjson')));
  assert.ok(locations.has('results of the run'));
});

/** Runs the pipeline in a process of its own, whose standard output goes through the rest of a shell command. */
function runInShell(dir: string, sink: string, rest: string): ReturnType<typeof spawnSync> {
  const script = `import { run } from ${JSON.stringify(import.meta.resolve('@sockflow/core'))};
    run(${JSON.stringify(PIPELINE.href)}, { lanes: 2, params: { recording: ${JSON.stringify(join(dir, 'in.sfrec'))}, sinks: [${JSON.stringify(sink)}] } })
      .done.then(() => console.error('completed'), (e) => console.error(e.code, e.cause?.code));`;
  return spawnSync(
    'sh',
    ['-c', `"$0" --input-type=module -e "$1" ${rest}`, process.execPath, script],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
}

test('lanes that share a pipe write whole lines, whatever their length', (t) => {
  const dir = useTempDir(t);
  realRecording(join(dir, 'in.sfrec'));
  const { stdout, stderr } = runInShell(dir, 'console:?encoding=ndjson', '| cat');
  assert.equal(stderr, 'completed\n');
  const events = String(stdout)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as EventObject);
  assert.equal(events.length, SELECTED);
  assert.ok(events.every(({ op }) => op === 'STATE_CB' || op === 'RTT_CB'));
});

test('the table in a pipe has no colours, one header and a line an event', (t) => {
  const dir = useTempDir(t);
  realRecording(join(dir, 'in.sfrec'));
  const { stdout } = runInShell(dir, 'console', '| cat');
  const lines = String(stdout).trimEnd().split('\n');
  assert.equal(lines.length, SELECTED + 1);
  assert.equal(lines.filter((line) => line.includes('EVENT')).length, 1);
  assert.ok(!String(stdout).includes('\u001b'));
});

test('a reader that has had enough ends the run with a code of its own', (t) => {
  const dir = useTempDir(t);
  realRecording(join(dir, 'in.sfrec'));
  const { stdout, stderr } = runInShell(dir, 'console:?encoding=ndjson', '| head -1');
  assert.equal(stderr, 'ERR_SOCKFLOW_LANE_FAILED ERR_SOCKFLOW_SINK_READER_GONE\n');
  assert.equal(typeof JSON.parse(String(stdout)), 'object');
});
