/**
 * Layout of a live source's control block: shared memory of the main thread and the lanes.
 *
 *   offset            bytes  field         writer  meaning
 *   ----------------  -----  ------------  ------  ------------------------------------------------------------------
 *        0                4  state         main    0 running, 1 ended: nothing will be submitted any more
 *        8                8  end time      main    boot time after the last event, ns, u64
 *   64 + 64 * lane        4  anchors       lane    clock anchors that the lane has made after its first
 *   64 + 64 * lane + 4    4  has gap       main    1: losses that no marker in the ring tells
 *   64 + 64 * lane + 8    8  gap start     main    boot time of the first of them, ns, u64
 *   64 + 64 * lane + 16   8  ring full     main    lost, u64
 *   64 + 64 * lane + 24   8  shed first    main    of the first class, u64
 *   64 + 64 * lane + 32   8  shed last     main    of the last class, u64
 *
 * Invariants
 *   C1  Everything that main writes lies there before `state` is 1 (Atomics.store); a lane reads it only after it has seen 1 (Atomics.load), and main writes nothing
 *       after it.
 *   C2  `state` is set when no program runs any more: a lane that sees 1 and then finds its ring empty has read everything.
 *   C3  A lane's first clock anchor is made with the source, and given even where it has ended by then; `anchors` is added to before a later one is handed over, and none is
 *       made once the lane has seen the end.
 *
 * The word that the kernel program wakes a lane by is in a map of its own: struct sockflow_lane_word of bpf/sockflow_source.h, 64 bytes a lane.
 */
export const STATE_OFFSET = 0;
export const END_TIME_OFFSET = 8;
export const LANES_OFFSET = 64;
export const LANE_BYTES = 64;
export const ANCHORS_OFFSET = 0;
export const HAS_GAP_OFFSET = 4;
export const GAP_START_OFFSET = 8;
export const RING_FULL_OFFSET = 16;
export const SHED_FIRST_OFFSET = 24;
export const SHED_LAST_OFFSET = 32;
/** Mirrors sizeof(struct sockflow_lane_word). */
export const LANE_WORD_BYTES = 64;
