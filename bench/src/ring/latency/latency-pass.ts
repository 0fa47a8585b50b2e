import { BroadcastChannel } from 'node:worker_threads';

import { isSockflowError, run, type RunHandle } from 'sockflow';

import { loadAddon } from '../../harness/native.ts';
import { RingPeer } from '../ring-peer.ts';
import { IS_READING, type LatencyFound, type LatencyJob } from './latency-job.ts';

/** What a pass is to do; the rest of a {@link LatencyJob} is found here. */
export type LatencyWish = Omit<LatencyJob, 'channel' | 'aheadNs'>;

let passes = 0;

/** One run: a producer by its schedule, a ring, a lane, a file. */
export async function latencyPass(wish: LatencyWish): Promise<LatencyFound> {
  const name = `sockflow-bench-latency-${process.pid}-${passes++}`;
  const job: LatencyJob = { ...wish, channel: name, aheadNs: aheadNs(wish.ring) };
  const channel = new BroadcastChannel(name);
  let reading: () => void = () => {};
  let tell: (found: LatencyFound) => void = () => {};
  const isReading = new Promise<void>((resolve) => (reading = resolve));
  const found = new Promise<LatencyFound>((resolve) => (tell = resolve));
  channel.addEventListener('message', (event) => {
    const { data } = event as MessageEvent;
    if (data === IS_READING) reading();
    else tell(data as LatencyFound);
  });
  try {
    const handle = run(new URL('./latency.pipeline.js', import.meta.url), {
      views: 'reused',
      params: { ...job },
    });
    const ended = endOf(handle);
    if (job.ring === 'kernel') {
      await Promise.race([isReading, ended]);
      await produce(job);
      handle.stop();
    }
    await ended;
    return checked(await found, job);
  } finally {
    channel.close();
  }
}

async function produce({ events, intervalNs }: LatencyJob): Promise<void> {
  const producer = RingPeer.forLane();
  try {
    await producer.schedule(events, intervalNs);
  } finally {
    producer.close();
  }
}

/** A slot of the kernel's has boot time, one of ours what we gave it. */
function aheadNs(ring: LatencyJob['ring']): number {
  if (ring === 'shared') return 0;
  const { bootNs, monotonicNs } = loadAddon().readClocks();
  // Exact but for what reading them takes, some tens of ns: of eight readings the closest is given.
  return Number(bootNs - monotonicNs);
}

/** The ledger rightly finds events that the source's own program did not submit: they are the producer's, and counted against it here. */
async function endOf(handle: RunHandle): Promise<void> {
  try {
    await handle.done;
  } catch (error) {
    if (!isSockflowError(error) || error.code !== 'ERR_SOCKFLOW_LEDGER_BROKEN') throw error;
  }
}

function checked(found: LatencyFound, { events, warmEvents }: LatencyJob): LatencyFound {
  if (found.events !== events || found.counted !== events - warmEvents) {
    throw new Error(
      `ring/latency: ${events} produced, ${found.events} came, ${found.counted} counted`,
    );
  }
  return found;
}
