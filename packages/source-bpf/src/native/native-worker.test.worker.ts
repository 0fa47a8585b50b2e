/*
 * A thread that uses the addon as a lane does, for lifecycle.kernel.test.ts:
 *
 *   `wait`   waits for a ring, and copies it, until it is ended
 *   `own`    opens a source of its own, hands its ring over, and stays
 */
import { parentPort, workerData } from 'node:worker_threads';

import { createRingMemory } from '@sockflow/core';

import { testBinding, testConfig, viewsOf } from './native-kit.test.support.ts';

interface Task {
  readonly task: 'wait' | 'own';
  readonly ringFd: number;
}

const { task, ringFd } = workerData as Task;
const binding = testBinding();

if (task === 'wait') {
  const poll = binding.openRingPoll(ringFd);
  const copy = binding.openRingCopy(ringFd, viewsOf(createRingMemory({ capacityBytes: 65536 })));
  const wait = (): void => {
    copy.copy();
    poll.start(wait);
  };
  wait();
  keep(copy);
  parentPort?.postMessage('waiting');
} else {
  const source = binding.openSource(testConfig());
  source.attach();
  keep(source);
  parentPort?.postMessage(source.mapRing(0));
}
setInterval(() => undefined, 1000);

/** What nothing refers to is closed by the collector. */
function keep(value: object): void {
  Object.assign(globalThis, { kept: value });
}
