import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { type EventObject, isSockflowError, run, type RunSummary } from '@sockflow/core';
import { generateRecording } from '@sockflow/source-replay/generate';
import { useTempDir } from '@sockflow/test-support';

const PIPELINE = new URL('./ordered.test.pipeline.js', import.meta.url);

/** Of connections that overlap, in groups that the lanes share: a lane's blocks go back in time. */
async function madeRecording(dir: string, laneGroups = 8): Promise<string> {
  const path = join(dir, 'in.sfrec');
  await generateRecording(path, { connections: 300, seed: 'order', laneGroups });
  return path;
}

function runTo(
  recording: string,
  sinks: readonly string[],
  lanes: number,
  params: object = {},
): Promise<RunSummary> {
  return run(PIPELINE, { lanes, params: { recording, sinks, ...params } }).done;
}

/** What one lane would write, sorted as the page of the order says. */
async function sortedLines(recording: string, path: string): Promise<string[]> {
  await runTo(recording, [`file:${path}`], 1);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const keyed = lines.map((line, index) => ({
    line,
    index,
    event: JSON.parse(line) as EventObject,
  }));
  const rankOf = ({ kind }: EventObject): number =>
    ['CLOCK_ANCHOR', 'LOSS_MARKER'].includes(kind ?? '') ? 0 : 1;
  const numberOf = (value: unknown): bigint => BigInt((value as string | undefined) ?? 0);
  const sign = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
  keyed.sort(
    (a, b) =>
      sign(numberOf(a.event.tsNs), numberOf(b.event.tsNs)) ||
      rankOf(a.event) - rankOf(b.event) ||
      sign(numberOf(a.event['cookie' as never]), numberOf(b.event['cookie' as never])) ||
      a.index - b.index,
  );
  return keyed.map(({ line }) => line);
}

test('rotation, compression and recordings are what they are with one lane', async (t) => {
  const dir = useTempDir(t);
  const recording = await madeRecording(dir);
  const sinks = [
    `file:${join(dir, 'parts-{n}.ndjson')}?order=time&rotate=200KiB`,
    `file:${join(dir, 'out.csv.gz')}?order=time`,
    `file:${join(dir, 'out.sfrec')}?order=time&fsync=interval`,
  ];
  const { sinks: reports } = await runTo(recording, sinks, 2);
  const expected = await sortedLines(recording, join(dir, 'plain.ndjson'));
  const parts = readdirSync(dir).filter((name) => name.startsWith('parts-'));
  assert.ok(parts.length > 2);
  assert.deepEqual(
    parts.toSorted().flatMap((name) => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n')),
    expected,
  );
  const rows = gunzipSync(readFileSync(join(dir, 'out.csv.gz')))
    .toString()
    .trimEnd()
    .split('\r\n');
  assert.equal(rows.length, expected.length + 1);
  await runTo(join(dir, 'out.sfrec'), [`file:${join(dir, 'back.ndjson')}`], 1);
  assert.deepEqual(readFileSync(join(dir, 'back.ndjson'), 'utf8').trimEnd().split('\n'), expected);
  const given = reports.reduce((sum, sink) => sum + sink.acknowledged, 0);
  assert.equal(
    given,
    reports.reduce((sum, sink) => sum + sink.given, 0),
  );
});

test('values have no time: they are refused before or at the first one', async (t) => {
  const dir = useTempDir(t);
  const recording = await madeRecording(dir);
  const out = join(dir, 'out.ndjson');
  await assert.rejects(
    runTo(recording, [`file:${out}?order=time`], 2, { isOfValues: true }),
    (error) =>
      isSockflowError(error) &&
      /accepts batches, but output events delivers values/.test(error.message),
  );
  assert.deepEqual(
    readdirSync(dir).filter((name) => name === 'out.ndjson'),
    [],
  );
});

test('any number of lanes writes the same bytes: those of one lane, sorted by time', async (t) => {
  const dir = useTempDir(t);
  const recording = await madeRecording(dir);
  const expected = await sortedLines(recording, join(dir, 'plain.ndjson'));
  for (const lanes of [1, 2, 8]) {
    const path = join(dir, `out-${lanes}.ndjson`);
    const summary = await runTo(recording, [`file:${path}?order=time`], lanes);
    assert.deepEqual(readFileSync(path, 'utf8').trimEnd().split('\n'), expected);
    const { sinks } = summary;
    assert.equal(sinks.length, lanes);
    assert.deepEqual(
      sinks.map(({ given, acknowledged, failed }) => given - acknowledged - failed),
      sinks.map(() => 0),
    );
    assert.deepEqual(
      sinks.flatMap(({ location }) => location ?? []),
      [path],
    );
    assert.deepEqual(summary.warnings, []);
  }
});
