/** What a run is to measure; a pipeline's params. */
export interface LatencyJob {
  /** A ring of ours, filled by a thread, or the kernel's, filled by a BPF program. */
  readonly ring: 'shared' | 'kernel';
  /** Of the channel that the lane says {@link IS_READING} on, and then what it found. */
  readonly channel: string;
  readonly events: number;
  /** Of them, at the start, that are not counted: until the lane's code is compiled. */
  readonly warmEvents: number;
  readonly intervalNs: number;
  /** Where the sink writes. */
  readonly output: string;
  /** For the kernel's ring. */
  readonly cgroup: string;
  /** What the clock of the slots is ahead of the monotonic one. */
  readonly aheadNs: number;
}

/** Said by a lane that reads: what is produced from now on does not wait for it to start. */
export const IS_READING = 'reading';

/** Percentiles that are asked for; the last is the highest value. */
export const PERCENTILES = [50, 75, 90, 99, 99.9, 99.99] as const;

/** From the time when an event was to come until something became of it, us. */
export interface LatencyFound {
  readonly events: number;
  readonly counted: number;
  /** By {@link PERCENTILES}: until the lane's `next`, and until the sink's acknowledgement was told to the source. */
  readonly nextUs: readonly number[];
  readonly acknowledgedUs: readonly number[];
}
