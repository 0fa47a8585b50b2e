/** Where encoded bytes go: a file or a series of them, a terminal, a pipe. Calls never overlap. */
export interface ByteTarget {
  /** The most bytes that one write may have so that lines of several lanes do not mix; whole files have no limit. */
  readonly maxWriteBytes: number;
  /** Writes bytes `start` to `end` (exclusive), as many as it can; how many that were. */
  write(bytes: Uint8Array, start: number, end: number): Promise<number>;
  /** The same at once, where the destination is as fast as memory most of the time: a file, whose bytes the page cache takes. */
  writeNow?(bytes: Uint8Array, start: number, end: number): number;
  /** Takes back the last `bytes` written: the torn end of what a failed write left. Does nothing where that cannot be. */
  takeBack(bytes: number): void;
  /**
   * After something has failed that is to be tried again: makes ready for it.
   *
   * @returns whether the part was given up: then what of it was not settled is to be written anew, into the next one
   */
  letGo?(): Promise<boolean>;
  /** @param isComplete whether the run ended well and everything given was written: only then an output gets its final name */
  close(isComplete: boolean): Promise<void>;
  /** Of what promises more than to have handed over what was written, or gathers it first. */
  readonly settling?: Settling;
  /** Of what ends one part and begins another. */
  readonly parts?: Parts;
  /** Where the output lies, once closed; where not given, where it was said to be. */
  readonly location?: string;
  /** Parts that were given up and lie there unfinished. */
  readonly leftPaths?: readonly string[];
  /** Bytes of the output; those written where not given. */
  readonly bytesWritten?: number;
}

/** What has to be done after writing. */
export interface Settling {
  /** Whether what was written counts as accepted before: then settling looks whether it is still well. */
  readonly isAcceptedBefore: boolean;
  /** After so many bytes it is to be settled, whether somebody asks or not: what a failed write takes with it is not more. */
  readonly settleAfterBytes: number;
  /** Makes all that was written as durable as the target promises. */
  settle(): Promise<void>;
}

/** A target that is a series of parts. */
export interface Parts {
  /** Bytes that the part still takes; whatever else follows belongs to the next. */
  readonly roomBytes: number;
  /** When the part is to end, in the time of `performance.now()`; `Infinity` while nothing is in it. */
  readonly dueAtMs: number;
  /** Whether a part is open, and bytes go into it as they are: then `writeNow` may be used. */
  readonly isWritable: boolean;
  /** Completes the part: what is written next begins another. */
  endPart(): Promise<void>;
  /** After a part was completed: removes what is kept no longer. */
  clear(): Promise<void>;
}
