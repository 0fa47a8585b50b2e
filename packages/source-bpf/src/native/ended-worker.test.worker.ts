/*
 * A thread that is inside the addon nearly all the time, until it is ended: ended-workers.kernel.test.ts. It imports as
 * little as it can, since there are many of it.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

import type { NativeBinding } from './binding-types.ts';

/** What such a thread is given. */
export interface EndedWorkerData {
  readonly addonPath: string;
  readonly ringFd: number;
  readonly target: Parameters<NativeBinding['openRingCopy']>[1];
}

const { addonPath, ringFd, target } = workerData as EndedWorkerData;
const binding = createRequire(import.meta.url)(addonPath) as NativeBinding;
const closed = binding.openRingCopy(ringFd, target);
closed.close();

/** What is made and destroyed, what calls into JavaScript, what throws. */
function callEverything(): void {
  const copy = binding.openRingCopy(ringFd, target);
  copy.copy();
  copy.close();
  const poll = binding.openRingPoll(ringFd);
  poll.start(() => undefined);
  poll.stop();
  poll.start(() => undefined);
  poll.close();
  binding.readClocks();
  for (const refused of [() => closed.copy(), () => binding.openRingPoll(-1)]) {
    try {
      refused();
    } catch {
      // Its message is the business of other tests.
    }
  }
}

const poll = binding.openRingPoll(ringFd);
/** Called by libuv: the main thread fills the ring. */
function onReadable(): void {
  poll.start(onReadable);
  for (let turn = 0; turn < 20; turn++) callEverything();
}
onReadable();
// A poll alone does not hold a thread.
setInterval(() => undefined, 1000);
parentPort?.postMessage('inside');
