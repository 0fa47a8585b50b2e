import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

/** What `inspect --json` says, as far as this test looks at it. */
interface Inspected {
  readonly rttUs: {
    readonly samples: number;
    readonly folded: number;
    readonly summaries: number;
    readonly isExact: boolean;
    readonly low: number;
    readonly p50: number;
    readonly high: number;
    readonly histogram: readonly { readonly startUs: number; readonly samples: number }[];
  };
  readonly mostEvents: readonly {
    readonly cookie: number;
    readonly srttUs?: number;
    readonly foldedRttUs?: number;
  }[];
}

const EXCHANGES = 50;

test('a recording with folded samples shows RTTs: as many, as small and as large as its summaries say, and per connection', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const recording = join(useTempDir(t), 'live.sfrec');
  // No other op has a smoothed RTT.
  const source = { ops: [Op.TCP_CONNECT_CB, Op.TCP_LISTEN_CB], rttIntervalMs: 0 };
  const live = await LiveRun.start(t, scene.cgroup, { ...source, files: [recording] });
  const listener = await scene.echo();
  for (let connection = 0; connection < 2; connection++) {
    const joined = await scene.join(listener);
    await joined.near.exchange(EXCHANGES, 100);
    await scene.close(joined);
  }
  await live.stop();
  const summaries = live.events.filter(({ kind }) => kind === 'RTT_SUMMARY');
  const told = summaries.reduce((sum, { rttCount = 0 }) => sum + rttCount, 0);
  assert.ok(told > EXCHANGES);

  const args = ['inspect', recording];
  const { rttUs, mostEvents } = JSON.parse(sockflowOk([...args, '--json']).stdout) as Inspected;
  assert.deepEqual(
    [rttUs.samples, rttUs.folded, rttUs.summaries, rttUs.isExact],
    [told, told, summaries.length, false],
  );
  assert.equal(rttUs.low, Math.min(...summaries.map(({ rttLowUs = 0 }) => rttLowUs)));
  assert.equal(rttUs.high, Math.max(...summaries.map(({ rttHighUs = 0 }) => rttHighUs)));
  assert.ok(rttUs.low <= rttUs.p50 && rttUs.p50 <= rttUs.high);
  for (const { startUs, samples } of rttUs.histogram) {
    const bucket = startUs === 0 ? 0 : Math.log2(startUs) - 3;
    const inBucket = summaries.map(({ rttBuckets }) => rttBuckets?.[bucket] ?? 0);
    assert.equal(
      samples,
      inBucket.reduce((sum, count) => sum + count, 0),
      `from ${startUs} us`,
    );
  }
  for (const { cookie, foldedRttUs } of mostEvents) {
    const last = summaries.findLast((summary) => summary.cookie === BigInt(cookie));
    const meanUs = last && (last.rttSumUs ?? 0) / (last.rttCount ?? 1);
    assert.equal(foldedRttUs, meanUs, `cookie ${cookie}`);
  }
  const { stdout } = sockflowOk(args);
  assert.match(stdout, new RegExp(`from +${told} samples in ${summaries.length} summaries`));
  assert.match(stdout, /\n +\S+ +→ +\S+ .* ~\d+ us/);
});
