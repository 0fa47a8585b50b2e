import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { until, useTempDir } from '@sockflow/test-support';

import { isClosed } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const CONNECTIONS = 8;

interface Line {
  readonly kind: string;
  readonly tsNs: string;
}

function linesOf(path: string): Line[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

test('two lanes of the kernel write one file in order of time, while they run', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'live.ndjson');
  const live = await LiveRun.start(t, scene.cgroup, { ops: 'all', lanes: 2, orderedFiles: [path] });
  const listener = await scene.echo();
  for (let made = 0; made < CONNECTIONS; made++) {
    const joined = await scene.join(listener);
    await joined.near.exchange(3, 2000);
    await scene.close(joined);
    await live.find('its end', isClosed(joined.near));
  }
  // The lanes are idle from here on: only their time lets events go.
  const seen = live.events.length;
  await until('the file to have them', () => linesOf(`${path}.part`).length >= seen);
  const { ledger, warnings } = await live.stop();
  assert.deepEqual(warnings, []);

  const lines = linesOf(path);
  const times = lines.map(({ tsNs }) => BigInt(tsNs));
  assert.ok(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n)));
  const events = lines.filter(({ kind }) => !['CLOCK_ANCHOR', 'LOSS_MARKER'].includes(kind));
  assert.equal(events.length, live.events.length);
  assert.equal(events.length, ledger.total.read);
  assert.deepEqual(
    events.map(({ tsNs }) => tsNs),
    live.events
      .map(({ tsNs }) => tsNs)
      .toSorted((a, b) => Number(a - b))
      .map(String),
  );
  assert.ok(lines.some(({ kind }) => kind === 'CLOCK_ANCHOR'));
  const lanes = ledger.lanes.map(({ read }) => read);
  assert.ok(
    lanes.every((read) => read > 0),
    `both lanes had events: ${lanes.join(', ')}`,
  );
});
