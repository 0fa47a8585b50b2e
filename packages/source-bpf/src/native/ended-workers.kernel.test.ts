import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { createRingMemory } from '@sockflow/core';
import { requireKernel } from '@sockflow/test-support';

import type { EndedWorkerData } from './ended-worker.test.worker.ts';
import { bpfDescriptors, untilCollected } from './kernel-objects.test.support.ts';
import {
  ADDON_NEEDS,
  openProducer,
  testAddonPath,
  testBinding,
  testConfig,
  viewsOf,
} from './native-kit.test.support.ts';

const WORKERS = 24;
/* Milliseconds that a worker has: another moment each. */
const MOMENTS = 8;

/* A C++ exception that left the addon would end this process. */
test('a worker that is ended inside the addon ends alone', async (t) => {
  if (!requireKernel(t, ADDON_NEEDS)) return;
  const source = testBinding().openSource(testConfig());
  const producer = openProducer(source.ringFd(0));
  const before = bpfDescriptors();
  const workerData: EndedWorkerData = {
    addonPath: testAddonPath(),
    ringFd: source.ringFd(0),
    target: viewsOf(createRingMemory({ capacityBytes: 65536 })),
  };
  let next = 0;
  const filling = setInterval(() => {
    next = producer.produce({ nextSequence: next, count: 1, wakes: 1 }).nextSequence;
  }, 1);
  t.after(() => {
    clearInterval(filling);
    producer.close();
    source.close();
  });
  let started = 0;
  const useAndEnd = async (): Promise<void> => {
    while (started < WORKERS) {
      const moment = started++ % MOMENTS;
      const url = new URL('./ended-worker.test.worker.js', import.meta.url);
      const worker = new Worker(url, { workerData });
      const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
      await Promise.race([once(worker, 'message'), failed]);
      await sleep(moment);
      assert.equal(await Promise.race([worker.terminate(), failed]), 1);
    }
  };
  await Promise.all([useAndEnd(), useAndEnd()]);
  await untilCollected(() => bpfDescriptors() === before);
});
