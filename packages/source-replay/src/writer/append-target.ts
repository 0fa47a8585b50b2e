/** Where a part's bytes go: a file, or whatever takes bytes in their order. */
export interface AppendTarget {
  /** The final name; of what is no file, what messages call it. */
  readonly path: string;
  /** Bytes appended so far. */
  readonly sizeBytes: number;
  readonly unfinishedPath: string;
  readonly isOpen: boolean;
  append(bytes: Uint8Array): void;
  /** Appends two pieces of memory that lie apart. */
  appendBoth(first: Uint8Array, second: Uint8Array): void;
  cutTo(sizeBytes: number): void;
  sync(): Promise<void>;
  close(finished: boolean, isSynced?: boolean): void;
}
