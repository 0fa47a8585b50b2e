import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { createRingMemory, type KernelRingOptions } from '@sockflow/core';
import { requireKernel, skipTest } from '@sockflow/test-support';

import type { NativeFailure, NativeSource } from './binding-types.ts';
import {
  bpfMappings,
  heldObjects,
  type KernelObjects,
  bpfDescriptors,
  untilCollected,
  untilGone,
} from './kernel-objects.test.support.ts';
import {
  ADDON_NEEDS,
  openLink,
  openProducer,
  testBinding,
  testConfig,
  viewsOf,
} from './native-kit.test.support.ts';

const NEEDS = {
  ...ADDON_NEEDS,
  caps: ['BPF', 'NET_ADMIN', 'PERFMON', 'SYS_ADMIN'],
  tools: ['bpftool'],
} as const;

function startWorker(task: 'wait' | 'own', ringFd = -1): Worker {
  return new Worker(new URL('./native-worker.test.worker.js', import.meta.url), {
    workerData: { task, ringFd },
  });
}

function isClosedFailure(error: unknown): boolean {
  return error instanceof Error && (error as NativeFailure).step === 'closed';
}

/** Opens everything, uses it, and closes it in the order given. */
function useOnce(order: readonly ('source' | 'poll' | 'copy')[]): void {
  const binding = testBinding();
  const source = binding.openSource(testConfig({ lanes: 2 }));
  source.attach();
  source.mapRing(0);
  source.laneWords();
  const poll = binding.openRingPoll(source.ringFd(0));
  poll.start(() => undefined);
  const memory = createRingMemory({ capacityBytes: 65536 });
  const copy = binding.openRingCopy(source.ringFd(1), viewsOf(memory));
  copy.copy();
  const closable = { source, poll, copy };
  for (const name of order) closable[name].close();
  for (const name of order) closable[name].close();
  assert.throws(() => source.counters(), isClosedFailure);
  assert.throws(() => source.mapRing(0), isClosedFailure);
  assert.throws(() => source.detach(), isClosedFailure);
  assert.throws(() => poll.start(() => undefined), isClosedFailure);
  assert.throws(() => copy.copy(), isClosedFailure);
}

async function untilNothingIsLeft(): Promise<void> {
  await untilCollected(() => bpfMappings() === 0 && bpfDescriptors() === 0);
}

async function firstMessage<T>(worker: Worker): Promise<T> {
  const [message] = (await once(worker, 'message')) as [T];
  return message;
}

describe('the addon, opened and closed', () => {
  test('leaves nothing behind, in whatever order things are closed', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const orders = [
      ['source', 'poll', 'copy'],
      ['poll', 'copy', 'source'],
      ['copy', 'source', 'poll'],
    ] as const;
    for (let round = 0; round < 9; round++) useOnce(orders[round % 3] ?? orders[0]);
    await untilNothingIsLeft();
  });

  test('takes its programs, maps and link out of the kernel', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const source = testBinding().openSource(testConfig({ lanes: 3 }));
    source.attach();
    const held = heldObjects();
    assert.ok(held.map.length >= 8 && held.prog.length >= 1, JSON.stringify(held));
    assert.equal(held.link.length, 1);
    source.close();
    await untilGone(held);
  });

  test('is detached at once, also while somebody else has its link open', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const binding = testBinding();
    const { cgroupPath } = testConfig();
    for (const end of ['detach', 'close'] as const) {
      const source = binding.openSource(testConfig());
      source.attach();
      const { link, prog } = heldObjects();
      const isAttached = (): boolean =>
        binding.sockOpsPrograms(cgroupPath).some(({ id }) => prog.includes(id));
      assert.equal(isAttached(), true);
      const fd = openLink(link[0] ?? 0);
      source[end]();
      assert.equal(isAttached(), false, end);
      closeSync(fd);
      source.close();
    }
  });

  test('is closed by the collector where nobody did', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    await untilNothingIsLeft();
    (() => testBinding().openSource(testConfig()).attach())();
    const held = heldObjects();
    await untilNothingIsLeft();
    await untilGone(held);
  });

  test('keeps the memory of a ring readable for as long as anybody holds it', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    await untilNothingIsLeft();
    const source = testBinding().openSource(testConfig());
    const producer = openProducer(source.ringFd(0));
    producer.produce({ nextSequence: 77, count: 1 });
    const { producerPageAndData, pageBytes } = source.mapRing(0);
    producer.close();
    source.close();
    await untilCollected(() => bpfMappings() === 1);
    const words = new Uint32Array(producerPageAndData, pageBytes);
    assert.equal(words[6], 77);
  });

  test('serves two sources in one process, each with its own rings and counters', (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const open = (): NativeSource => testBinding().openSource(testConfig({ lanes: 2 }));
    const [one, other] = [open(), open()];
    t.after(() => other.close());
    const producer = openProducer(one.ringFd(0));
    producer.produce({ nextSequence: 1, count: 5 });
    const positionOf = (source: NativeSource): number | undefined =>
      new Uint32Array(source.mapRing(0).producerPageAndData)[0];
    assert.deepEqual([positionOf(one), positionOf(other)], [5 * 256, 0]);
    one.attach();
    other.attach();
    producer.close();
    one.close();
    assert.equal(other.counters().length, 2);
    other.detach();
  });
});

describe('the addon in a process that ends', () => {
  for (const [end, how] of [
    ["process.kill(process.pid, 'SIGKILL');", 'killed'],
    ['process.exit(0);', 'ended in the middle'],
  ] as const) {
    test(`leaves nothing in the kernel when it is ${how}`, async (t) => {
      if (!requireKernel(t, NEEDS)) return;
      const urlOf = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
      const script = `import { writeSync } from 'node:fs';
        import { Worker } from 'node:worker_threads';
        import { heldObjects } from ${urlOf('./kernel-objects.test.support.js')};
        import { testBinding, testConfig } from ${urlOf('./native-kit.test.support.js')};
        const source = testBinding().openSource(testConfig({ lanes: 2 }));
        source.attach();
        // What nothing refers to is closed by the collector.
        globalThis.kept = [source, source.mapRing(0)];
        testBinding().openRingPoll(source.ringFd(1)).start(() => {});
        const options = { workerData: { task: 'wait', ringFd: source.ringFd(0) }, execArgv: [] };
        const worker = new Worker(new URL(${urlOf('./native-worker.test.worker.js')}), options);
        worker.once('message', () => {
          writeSync(1, JSON.stringify(heldObjects()));
          ${end}
        });`;
      const args = ['--input-type=module', '-e', script];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      assert.equal(stderr, '');
      const held = JSON.parse(stdout) as KernelObjects;
      assert.equal(held.link.length, 1);
      await untilGone(held);
    });
  }
});

const PIDS_CONTROLLER = '/sys/fs/cgroup/pids';

describe('the addon in threads', () => {
  test('says so where it can have none to enter a namespace with', (t) => {
    if (!requireKernel(t, NEEDS)) return;
    if (!existsSync(`${PIDS_CONTROLLER}/cgroup.procs`)) {
      return skipTest(t, `needs the controller of processes of cgroup v1 in ${PIDS_CONTROLLER}`);
    }
    const limited = `${PIDS_CONTROLLER}/sockflow-test-${process.pid}`;
    mkdirSync(limited);
    t.after(() => rmdirSync(limited));
    writeFileSync(`${limited}/pids.max`, '1');
    const kit = JSON.stringify(new URL('./native-kit.test.support.js', import.meta.url).href);
    const script = `import { writeFileSync } from 'node:fs';
      import { testBinding, testConfig } from ${kit};
      const source = testBinding().openSource(testConfig());
      writeFileSync('${limited}/cgroup.procs', String(process.pid));
      let thrown;
      try { source.takeIn('/proc/self/ns/net'); } catch (error) { thrown = error; }
      const flushed = source.flush(['/proc/self/ns/net']);
      // The sanitizer looks for leaks in a thread of its own.
      writeFileSync('${limited}/pids.max', 'max');
      console.log(JSON.stringify([thrown.step, thrown.syscall, thrown.errnoName, flushed]));`;
    const args = ['--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), [
      'iterate',
      'clone',
      'EAGAIN',
      { summaries: true, flags: false },
    ]);
  });

  test('is used by many at once, and by one that is ended in the middle', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    await untilNothingIsLeft();
    const source = testBinding().openSource(testConfig());
    const producer = openProducer(source.ringFd(0));
    const before = bpfDescriptors();
    const mappings = bpfMappings();
    let next = 0;
    for (let round = 0; round < 3; round++) {
      const workers = Array.from({ length: 4 }, () => startWorker('wait', source.ringFd(0)));
      await Promise.all(workers.map((worker) => firstMessage(worker)));
      next = producer.produce({ nextSequence: next, count: 20, wakes: 1 }).nextSequence;
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    await untilCollected(() => bpfDescriptors() === before && bpfMappings() === mappings);
    producer.close();
    source.close();
  });

  test('closes a source with its thread, and leaves the memory to who holds it', async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    await untilNothingIsLeft();
    const worker = startWorker('own');
    const ring = await firstMessage<KernelRingOptions>(worker);
    const held = heldObjects();
    await worker.terminate();
    await untilCollected(() => bpfDescriptors() === 0);
    assert.equal(new Uint32Array(ring.producerPageAndData)[0], 0);
    Atomics.store(new Uint32Array(ring.consumerPage), 0, 0);
    assert.equal(bpfMappings(), 2);
    assert.equal(held.link.length, 1);
    await untilGone({ map: [], prog: held.prog, link: held.link });
  });
});
