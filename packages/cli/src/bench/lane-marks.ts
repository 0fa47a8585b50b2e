/*
 * What lanes note of a pass, in shared memory: f64 values, six a lane, each written once by its lane's thread and read by the main thread after the run has ended.
 *
 *   index  what                meaning
 *   -----  ------------------  ----------------------------------------------------------------------
 *       0  start, ns           when the lane asked for its first slots, on the machine's monotonic clock
 *       1  end, ns             when its sinks were closed
 *       2  CPU at start, us    of the whole process, user and system
 *       3  CPU at end, us
 *       4  allocated, bytes    of the lane's heap, in between
 *       5  collected, us       in which V8 collected garbage of the lane
 *
 * ORDER: plain stores, then the end of the lane, of which the main thread hears by a message.
 */
const VALUES = 6;
const [START, END, CPU_START, CPU_END, ALLOCATED, COLLECTED] = [0, 1, 2, 3, 4, 5] as const;
const NS_PER_US = 1000;

/** What one lane has to say. */
export interface LaneNotes {
  readonly startNs: number;
  readonly endNs: number;
  readonly cpuStartUs: number;
  readonly cpuEndUs: number;
  readonly allocatedBytes: number;
  readonly collectedUs: number;
}

/** What a pass took over all lanes. */
export interface PassUsage {
  /** From the first lane's beginning to the last one's end. */
  readonly ns: number;
  /** CPU time of all threads of the process meanwhile. */
  readonly cpuNs: number;
  readonly allocatedBytes: number;
  /** Of the lanes' time. */
  readonly collectedRatio: number;
}

/** @returns the memory for so many lanes. */
export function makeLaneMarks(lanes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(lanes * VALUES * Float64Array.BYTES_PER_ELEMENT);
}

/** In the lane's thread. */
export function noteLane(marks: SharedArrayBuffer, lane: number, notes: LaneNotes): void {
  const values = new Float64Array(marks, lane * VALUES * Float64Array.BYTES_PER_ELEMENT, VALUES);
  values[START] = notes.startNs;
  values[END] = notes.endNs;
  values[CPU_START] = notes.cpuStartUs;
  values[CPU_END] = notes.cpuEndUs;
  values[ALLOCATED] = notes.allocatedBytes;
  values[COLLECTED] = notes.collectedUs;
}

/** On the main thread, once the run has ended. */
export function usageOf(marks: SharedArrayBuffer): PassUsage {
  const values = new Float64Array(marks);
  const column = (index: number): number[] =>
    [...values].filter((_value, at) => at % VALUES === index);
  const sum = (index: number): number => column(index).reduce((total, value) => total + value, 0);
  const ns = Math.max(...column(END)) - Math.min(...column(START));
  const lanesNs = sum(END) - sum(START);
  return {
    ns,
    cpuNs: (Math.max(...column(CPU_END)) - Math.min(...column(CPU_START))) * NS_PER_US,
    allocatedBytes: sum(ALLOCATED),
    collectedRatio: lanesNs === 0 ? 0 : (sum(COLLECTED) * NS_PER_US) / lanesNs,
  };
}
