import { ConfigError, type LaneSource, type Plan, type SourceLaneContext } from '@sockflow/core';

import { toKernelError, withKernelErrors } from '../kernel-error.ts';
import { LANE_WORD_BYTES } from '../layout.ts';
import { loadBinding } from '../native/load-binding.ts';
import { filterText, kernelFilter } from '../push-down/kernel-filter.ts';
import { SourceControl } from '../source-control.ts';
import { BootClock } from './boot-clock.ts';
import { BpfLane } from './bpf-lane.ts';
import { CopiedRing } from './copied-ring.ts';
import type { BpfLaneData } from './lane-data.ts';
import { LaneSleep } from './lane-sleep.ts';
import { MappedRing } from './mapped-ring.ts';

/** Opens the kernel source's end in a lane, in the lane's thread. */
export function openLane(name: string, context: SourceLaneContext): LaneSource {
  const data = context.laneData as BpfLaneData;
  checkPlans(name, context.plans, data.pushedDown);
  const { binding } = loadBinding();
  const { origin, memory, startClocks, ringFd } = data;
  const control = new SourceControl(data.control);
  const failed = { doing: `opening the ring of lane ${context.lane}` };
  const ring = withKernelErrors(failed, () =>
    memory.type === 'kernel'
      ? new MappedRing(memory, origin)
      : new CopiedRing(binding, ringFd, memory, origin),
  );
  try {
    const sleep = new LaneSleep({
      poll: binding.openRingPoll(ringFd),
      word: new Int32Array(data.laneWords, context.lane * LANE_WORD_BYTES, 1),
      isReady: () => ring.isReady() || control.isEnded,
    });
    return new BpfLane({
      lane: context.lane,
      origin,
      ring,
      sleep,
      clock: new BootClock(() => binding.readClocks()),
      control,
      counters: context.counters,
      startClocks,
    });
  } catch (error) {
    ring.close();
    throw toKernelError(error, failed);
  }
}

/** What the program leaves out was decided by the plans that the main thread saw: a lane with others would miss events without knowing. */
function checkPlans(name: string, plans: readonly Plan[], pushedDown: string | undefined): void {
  if (pushedDown === undefined || filterText(kernelFilter(plans)) === pushedDown) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_PIPELINE_MODULE',
    `${name}: the pipeline's filters in this lane are not those that were pushed down into the kernel when the source was opened`,
    {
      details: { pushedDown, ofLane: filterText(kernelFilter(plans)) },
      remedy:
        'Have the module make the same filters in every thread that imports it: not from the time, chance or a file that changes; or set pushDown: false',
    },
  );
}
