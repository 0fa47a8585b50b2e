import assert from 'node:assert/strict';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { openRecording } from '@sockflow/source-replay';
import { command, requireKernel, TestCgroup, useTempDir } from '@sockflow/test-support';

import { assertGone, attachedTo, objectsOf } from './kernel-objects.ts';
import { LiveRun } from './live-run.ts';
import { Traffic } from './traffic.ts';

const DISK_BYTES = 3 << 20;

for (const lanes of [1, 2]) {
  test(`a disk that fills while ${lanes} lane(s) record ends the run with an error, and what was written is readable`, async (t) => {
    if (!requireKernel(t, { tools: ['bpftool', 'gcc', 'mount'] })) return;
    const cgroup = TestCgroup.use(t);
    const dir = useTempDir(t);
    const disk = mountDisk(t);
    const pipeline = {
      bpf: { cgroup: cgroup.path, rtt: 'raw' },
      lanes,
      sinks: `[file('${disk}/out.sfrec')]`,
    };
    const live = await LiveRun.start(t, pipeline, { dir });
    const objects = objectsOf(live.pid);
    const traffic = await Traffic.start(t, cgroup.path);
    await traffic.start();
    const end = await live.end();
    await traffic.stop();
    assert.equal(end.status, 1, end.stderr);
    assert.match(end.stderr, /ENOSPC|no space/i);
    assert.match(end.summary?.error?.code ?? '', /^ERR_SOCKFLOW_/);
    await assertGone(objects);
    assert.deepEqual(attachedTo(cgroup.path), []);
    const recording = openRecording(join(disk, 'out.sfrec'));
    assert.ok(recording.events > 1000, `${recording.events} events`);
    assert.ok(recording.parts.every(({ path }) => path.endsWith('.part')));
  });
}

/** A small file system in memory. */
function mountDisk(t: TestContext): string {
  const disk = mkdtempSync(join(tmpdir(), 'sockflow-test-disk-'));
  command('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'none', disk);
  t.after(() => {
    command('umount', disk);
    rmdirSync(disk);
  });
  return disk;
}
