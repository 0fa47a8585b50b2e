/** Where encoded bytes go: a file, a terminal, a pipe. Calls never overlap. */
export interface ByteTarget {
  /** The most bytes that one write may have so that lines of several lanes do not mix; whole files have no limit. */
  readonly maxWriteBytes: number;
  /** Writes bytes `start` to `end` (exclusive), as many as it can; how many that were. */
  write(bytes: Uint8Array, start: number, end: number): Promise<number>;
  /** The same at once, where the destination is as fast as memory most of the time: a file, whose bytes the page cache takes. */
  writeNow?(bytes: Uint8Array, start: number, end: number): number;
  /** Takes back the last `bytes` written: the torn end of what a failed write left. Does nothing where that cannot be. */
  takeBack(bytes: number): void;
  /** @param isComplete whether the run ended well and everything given was written: only then an output gets its final name */
  close(isComplete: boolean): Promise<void>;
}
