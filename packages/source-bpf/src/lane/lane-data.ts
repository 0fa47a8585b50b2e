import type { Origin, RingMemory } from '@sockflow/core';

import type { NativeClocks } from '../native/binding-types.ts';

/** What a lane is given by the main thread; crosses threads by structured clone. */
export interface BpfLaneData {
  readonly origin: Origin;
  /** Before the program was attached. */
  readonly startClocks: NativeClocks;
  /** Of the kernel: its own pages. Shared: memory to copy the ring into. */
  readonly memory: RingMemory;
  /** The ring's descriptor, borrowed: valid until the opened source is closed, which comes after the lane's end. */
  readonly ringFd: number;
  /** struct sockflow_lane_word of every lane. */
  readonly laneWords: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  /** What was pushed down, as `filterText` has it; `undefined` where nothing was. */
  readonly pushedDown: string | undefined;
}
