import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { requireKernel } from '@sockflow/test-support';

import type { NativeFailure } from './binding-types.ts';
import { bpfDescriptors, collectOften, untilCollected } from './kernel-objects.test.support.ts';
import { ADDON_NEEDS, openRing, testBinding } from './native-kit.test.support.ts';

const KIT = fileURLToPath(new URL('./native-kit.test.support.js', import.meta.url));
const QUIET_MS = 100;

/** Runs a script with the addon in a process of its own. */
function runScript(script: string): { status: number | null; stdout: string; stderr: string } {
  const source = `import { testBinding, testConfig, openProducer } from ${JSON.stringify(KIT)};
    const binding = testBinding();
    const source = binding.openSource(testConfig());
    const producer = openProducer(source.ringFd(0));
    const poll = binding.openRingPoll(source.ringFd(0));
    globalThis.kept = [source, producer];
    ${script}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', source],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

describe('waiting for a ring', () => {
  test('calls back once for each start, when the kernel wakes it', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const ring = openRing('mapped', 65536);
    t.after(() => ring.close());
    const poll = testBinding().openRingPoll(ring.source.ringFd(0));
    t.after(() => poll.close());
    let calls = 0;
    const wait = (): void => poll.start(() => calls++);
    wait();
    await sleep(QUIET_MS);
    assert.equal(calls, 0, 'an empty ring');
    ring.producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
    await sleep(QUIET_MS);
    assert.equal(calls, 1);
    ring.producer.produce({ nextSequence: 1, count: 1, wakes: 1 });
    await sleep(QUIET_MS);
    assert.equal(calls, 1, 'not started again');
    wait();
    await sleep(QUIET_MS);
    assert.equal(calls, 2, 'what lies there already counts');
    ring.peek();
    ring.consumer.release();
    wait();
    await sleep(QUIET_MS);
    assert.equal(calls, 2, 'read empty');
  });

  test('is not called after stop, nor after close', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const ring = openRing('mapped', 65536);
    t.after(() => ring.close());
    const poll = testBinding().openRingPoll(ring.source.ringFd(0));
    const fail = (): void => assert.fail('called');
    poll.start(fail);
    poll.stop();
    ring.producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
    await sleep(QUIET_MS);
    poll.start(fail);
    poll.close();
    poll.stop();
    await sleep(QUIET_MS);
  });

  test('serves several that wait for one ring in one thread', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const ring = openRing('mapped', 65536);
    t.after(() => ring.close());
    const polls = [1, 2].map(() => testBinding().openRingPoll(ring.source.ringFd(0)));
    let calls = 0;
    for (const poll of polls) poll.start(() => calls++);
    ring.producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
    await sleep(QUIET_MS);
    assert.equal(calls, 2);
    for (const poll of polls) poll.close();
  });

  test('is not collected while it waits', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const ring = openRing('mapped', 65536);
    t.after(() => ring.close());
    await collectOften();
    let isCalled = false;
    (() =>
      testBinding()
        .openRingPoll(ring.source.ringFd(0))
        .start(() => (isCalled = true)))();
    const held = bpfDescriptors();
    await collectOften();
    assert.equal(bpfDescriptors(), held);
    ring.producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
    await sleep(QUIET_MS);
    assert.ok(isCalled);
    await untilCollected(() => bpfDescriptors() === held - 1);
  });

  test('refuses what is no ring', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const isRefused = (error: unknown): boolean => (error as NativeFailure).step === 'poll';
    assert.throws(() => testBinding().openRingPoll(1), isRefused);
    assert.throws(() => testBinding().openRingPoll(-1), isRefused);
  });

  test('does not keep a process alive', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const { status, stderr } = runScript('poll.start(() => { throw new Error("called"); });');
    assert.equal(status, 0, stderr);
  });

  test('makes what its callback throws an uncaught exception', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const { stdout, stderr } = runScript(`
      process.on('uncaughtException', (error) => { console.log(error.message); process.exit(0); });
      poll.start(() => { throw new Error('of the callback'); });
      producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
      setTimeout(() => console.log('not called'), 5000);`);
    assert.equal(stdout, 'of the callback\n', stderr);
  });

  test('resolves promises before the next callback', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const { stdout, stderr } = runScript(`
      poll.start(() => {
        Promise.resolve().then(() => console.log('microtask'));
        setImmediate(() => { console.log('immediate'); process.exit(0); });
      });
      producer.produce({ nextSequence: 0, count: 1, wakes: 1 });
      setTimeout(() => console.log('not called'), 5000);`);
    assert.equal(stdout, 'microtask\nimmediate\n', stderr);
  });
});
