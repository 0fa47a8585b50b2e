import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { LoadSample } from './load-sample.ts';
import { LoadWatch } from './load-watch.ts';

/* Two cores, 100 ticks a second: what each case took (s), and of its ticks our own, others' and stolen ones. */
type Recorded = readonly [tookS: number, own: number, others: number, stolen: number];

function samples(recorded: readonly Recorded[]): () => LoadSample {
  const all: LoadSample[] = [
    { atMs: 0, totalTicks: 5000, busyTicks: 900, stolenTicks: 7, ownTicks: 40 },
  ];
  for (const [tookS, own, others, stolen] of recorded) {
    const last = all.at(-1) as LoadSample;
    all.push({
      atMs: last.atMs + tookS * 1000,
      totalTicks: last.totalTicks + tookS * 200,
      busyTicks: last.busyTicks + own + others,
      stolenTicks: last.stolenTicks + stolen,
      ownTicks: last.ownTicks + own,
    });
  }
  let next = 0;
  return () => all[next++] as LoadSample;
}

function watched(recorded: readonly Recorded[]): LoadWatch {
  const watch = new LoadWatch(samples(recorded));
  for (const index of recorded.keys()) watch.caseEnded(`case/${index}`);
  return watch;
}

test('a run is valid where only its own processes used the cores', () => {
  const load = watched([
    [3, 550, 4, 0],
    [5, 900, 20, 0],
  ]).result();
  assert.equal(load.isValid, true);
  assert.deepEqual(load.reasons, []);
  assert.equal(load.othersRatio, 24 / 1600);
  assert.equal(load.mostOthersRatio, 0.02);
  assert.deepEqual(load.cases, [
    { id: 'case/0', tookS: 3, othersRatio: 4 / 600, stolenRatio: 0 },
    { id: 'case/1', tookS: 5, othersRatio: 0.02, stolenRatio: 0 },
  ]);
});

test('one case that others disturbed makes the whole run invalid, and is named', () => {
  const load = watched([
    [10, 100, 0, 0],
    [4, 300, 60, 0],
    [10, 100, 0, 0],
  ]).result();
  assert.equal(load.isValid, false);
  assert.equal(load.reasons.length, 1);
  assert.match(load.reasons[0] ?? '', /^case\/1: others had 7\.5 % /);
});

test('time that the hypervisor gave to others counts as theirs', () => {
  const load = watched([[10, 1000, 0, 120]]).result();
  assert.equal(load.isValid, false);
  assert.equal(load.stolenRatio, 0.06);
});

test('cases of less than two seconds are judged together, since the figures of so short a time are rough', () => {
  const quiet = watched([
    [0.5, 90, 10, 0],
    [1, 190, 0, 0],
    [1, 190, 0, 0],
  ]).result();
  assert.equal(quiet.isValid, true);
  const loud = watched([
    [0.5, 10, 10, 0],
    [1.6, 90, 90, 0],
  ]).result();
  assert.match(loud.reasons[0] ?? '', /^case\/0, case\/1: /);
});

test('a rest too short to be judged alone is judged with the stretch before it, which is judged alone, too', () => {
  const loud = watched([
    [2, 300, 0, 0],
    [1.9, 100, 200, 0],
  ]).result();
  assert.equal(loud.isValid, false);
  assert.match(loud.reasons[0] ?? '', /^case\/0, case\/1: others had 25\.6 % /);
  const quietRest = watched([
    [2, 300, 24, 0],
    [1.9, 300, 0, 0],
  ]).result();
  assert.match(quietRest.reasons[0] ?? '', /^case\/0: others had 6\.0 % /);
});

test('what others did within a long case is not made small by its length', () => {
  const recorded = [
    [30, 5000, 0, 0],
    [2, 200, 150, 0],
    [1, 100, 0, 0],
    [60, 9000, 0, 0],
  ] as const;
  const whole = watched([[93, 14_300, 150, 0]]).result();
  assert.equal(whole.isValid, true);
  const watch = new LoadWatch(samples(recorded));
  for (let within = 0; within < 3; within++) watch.sample();
  const { othersRatio, tookS } = watch.caseEnded('long/case');
  assert.equal(tookS, 93);
  assert.equal(othersRatio, 150 / 18_600);
  const load = watch.result();
  assert.equal(load.isValid, false);
  assert.equal(load.mostOthersRatio, 150 / 400);
  assert.deepEqual(
    load.reasons.map((reason) => reason.slice(0, 28)),
    ['long/case: others had 37.5 %'],
  );
});

test('the whole run is judged, too', () => {
  const { reasons } = watched([[10, 100, 400, 0]]).result();
  assert.equal(reasons.length, 2);
  assert.match(reasons[1] ?? '', /^the whole run: others had 20\.0 % /);
});

test('a run that is shorter than two seconds is judged by what there is', () => {
  assert.equal(watched([[1, 100, 50, 0]]).result().isValid, false);
  assert.equal(watched([[1, 190, 1, 0]]).result().isValid, true);
});

test('figures that are less than our own by the sampling of the kernel are no load', () => {
  assert.equal(watched([[4, 700, -5, 0]]).result().othersRatio, 0);
});

test('where there is no /proc, nothing is claimed, and the reason is told', () => {
  const watch = new LoadWatch(() => {
    throw new Error('no such file');
  });
  watch.caseEnded('case/0');
  const { isValid, othersRatio, reasons, cases } = watch.result();
  assert.equal(isValid, undefined);
  assert.equal(othersRatio, undefined);
  assert.match(reasons[0] ?? '', /no such file/);
  assert.equal(cases[0]?.othersRatio, undefined);
});

/* Its parent ends at once, so it is nobody's child. */
function startStranger(): number {
  const { stdout } = spawnSync('sh', ['-c', 'while :; do :; done >/dev/null 2>&1 & echo $!'], {
    encoding: 'utf8',
  });
  return Number(stdout);
}

const isLinux = process.platform === 'linux';

test('a process that is none of ours makes a run invalid', { skip: !isLinux }, async () => {
  const pid = startStranger();
  try {
    const watch = new LoadWatch();
    await sleep(2500);
    const { othersRatio } = watch.caseEnded('nothing/of-ours');
    const load = watch.result();
    // A core of all there are, or its share where others want one, too.
    assert.equal(load.isValid, false, JSON.stringify(load));
    assert.ok(othersRatio !== undefined && othersRatio > 0.05);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});
