import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { cpuTimes, readLoadSample } from './load-sample.ts';
import { kernelTicks, ownTicks, processTimes } from './process-times.ts';

test('reads the line of all CPUs, in which guests are counted twice', () => {
  const text = 'cpu  100 20 30 400 5 6 7 8 90 0\ncpu0 50 10 15 200 2 3 3 4 45 0\nintr 1 2\n';
  assert.deepEqual(cpuTimes(text), { totalTicks: 576, busyTicks: 150, stolenTicks: 8 });
});

test('refuses what is no such file', () => {
  assert.throws(() => cpuTimes('intr 1 2\n'), /no line of all CPUs/);
});

test('reads a process whose name has blanks and brackets', () => {
  const text =
    '812 (a) b (c) S 77 812 812 0 -1 4194560 1 2 3 4 11 12 13 14 20 0 1 0 100 0 0 18446744073709551615';
  assert.deepEqual(processTimes(text), {
    pid: 812,
    parentPid: 77,
    ownTicks: 23,
    endedTicks: 27,
    isKernel: false,
  });
});

test("tells the kernel's threads, which are nobody's", () => {
  const thread = processTimes('40 (kworker/0:1) I 2 0 0 0 -1 69238880 0 0 0 0 3 4 0 0 20 0 1 0 1');
  assert.ok(thread.isKernel);
  const process = processTimes('41 (sh) S 1 1 1 0 -1 4194304 0 0 0 0 50 60 0 0 20 0 1 0 1');
  assert.equal(kernelTicks([thread, process]), 7);
});

test('adds up a process, its descendants and those that ended, and nobody else', () => {
  const row = (pid: number, parentPid: number, own: number, endedTicks: number) => ({
    pid,
    parentPid,
    ownTicks: own,
    endedTicks,
    isKernel: false,
  });
  const processes = [
    row(1, 0, 1000, 2000),
    row(30, 20, 4, 0),
    row(10, 1, 1, 8),
    row(20, 10, 2, 16),
    row(11, 1, 500, 500),
  ];
  assert.equal(ownTicks(processes, 10), 1 + 8 + 2 + 16 + 4);
  assert.equal(ownTicks(processes, 99), 0);
});

const BUSY = 'const end = Date.now() + 400; while (Date.now() < end);';
const isLinux = process.platform === 'linux';

test(
  'a child counts as our own while it runs and after it has ended',
  { skip: !isLinux },
  async () => {
    const before = readLoadSample();
    const child = spawn(process.execPath, ['-e', 'for (;;);']);
    await sleep(800);
    const during = readLoadSample();
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    spawnSync(process.execPath, ['-e', BUSY]);
    const after = readLoadSample();
    // However little of a core is to be had: some ticks.
    assert.ok(during.ownTicks - before.ownTicks >= 2, JSON.stringify({ before, during }));
    assert.ok(after.ownTicks - during.ownTicks >= 2, JSON.stringify({ during, after }));
    assert.ok(after.totalTicks > before.totalTicks);
  },
);
