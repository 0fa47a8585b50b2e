import type { OpenSource, RingMemory, SourceLedger } from '@sockflow/core';

import type { Cgroup } from '../host/find-cgroup.ts';
import { findNetworkNamespaces, type NetworkNamespace } from '../host/network-namespaces.ts';
import { withKernelErrors } from '../kernel-error.ts';
import type { BpfLaneData } from '../lane/lane-data.ts';
import type { NativeLaneCounters, NativeSource } from '../native/binding-types.ts';
import { type FinalGap, SourceControl } from '../source-control.ts';
import { toSourceLedger } from '../source-ledger.ts';
import { watchCgroup } from './cgroup-watch.ts';
import { takeInExisting, type TakeInOptions } from './take-in.ts';

/** What an opened source is made of. */
export interface OpenBpfOptions {
  readonly native: NativeSource;
  readonly readBootNs: () => bigint;
  /** Sock_ops programs of others on these sockets, once ours is detached, by name. */
  readonly otherPrograms: () => readonly string[];
  readonly cgroup: Cgroup;
  readonly takeIn: TakeInOptions;
  readonly warnings: readonly string[];
  readonly shared: Pick<BpfLaneData, 'origin' | 'startClocks' | 'pushedDown'>;
  readonly memories: readonly RingMemory[];
}

/**
 * The loaded program, its maps and rings, as the main thread holds them; attached from `start` to `stop`.
 *
 * OWNERSHIP: the kernel's objects live until `close`, and with them the descriptors that lanes borrow. What is submitted stays in the rings' pages, which the lanes
 * have mapped themselves.
 */
export class OpenBpf implements OpenSource {
  readonly totalBytes: undefined = undefined;
  readonly warnings: string[];
  readonly attachedTo: string;
  readonly #options: Omit<OpenBpfOptions, 'memories' | 'warnings'>;
  readonly #control: SourceControl;
  #laneWords: SharedArrayBuffer | undefined;
  readonly #endWatch: () => void;
  #memories: readonly RingMemory[];
  /** Besides this thread's, those whose sockets may have our flags. */
  #namespaces: readonly NetworkNamespace[];
  #gaps: readonly (FinalGap | undefined)[];
  #counters: readonly NativeLaneCounters[];
  #isStopped: boolean;
  #isClosed: boolean;

  constructor(options: OpenBpfOptions) {
    const { memories, warnings, ...rest } = options;
    this.#options = rest;
    this.warnings = [...warnings];
    this.attachedTo = options.cgroup.path;
    this.#memories = memories;
    this.#namespaces = [];
    this.#control = SourceControl.allocate(memories.length);
    this.#laneWords = options.native.laneWords();
    this.#gaps = [];
    this.#counters = [];
    this.#isStopped = false;
    this.#isClosed = false;
    this.#endWatch = watchCgroup(options.cgroup.path, () => this.#lostCgroup());
  }

  laneData(lane: number): BpfLaneData {
    const memory = this.#memories[lane];
    const laneWords = this.#laneWords;
    if (memory === undefined || laneWords === undefined)
      throw new RangeError(`no lane ${lane}, or the source is closed`);
    return {
      ...this.#options.shared,
      memory,
      ringFd: this.#options.native.ringFd(lane),
      laneWords,
      control: this.#control.buffer,
    };
  }

  /** The lanes read: from here on there are events. What exists already is taken in now, too, so that its snapshots find room however many they are. */
  async start(): Promise<void> {
    if (this.#isStopped) return;
    const { native, cgroup, takeIn } = this.#options;
    withKernelErrors({ doing: `attaching to ${cgroup.path}`, cgroup: cgroup.path }, () =>
      native.attach(),
    );
    const { namespaces, warnings } = takeInExisting(native, takeIn);
    this.#namespaces = namespaces;
    this.warnings.push(...warnings);
  }

  /** Detached, and flushed, nothing is submitted any more: only then do the lanes learn of it (C2). */
  async stop(): Promise<void> {
    this.#stop();
  }

  ledger(): SourceLedger {
    if (!this.#isStopped) this.#counters = this.#options.native.counters();
    const madeHere = this.#counters.map((_, lane) => ({
      anchors: this.#control.anchorsOf(lane),
      lossMarkers: this.#gaps[lane] === undefined ? 0 : 1,
    }));
    return toSourceLedger(this.#counters, madeHere, this.#isStopped);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#endWatch();
    try {
      this.#stop();
    } finally {
      this.#isClosed = true;
      // Pages stay mapped as long as an array over them does, and whoever ran it may hold the handle for long.
      this.#memories = [];
      this.#laneWords = undefined;
      this.#options.native.close();
    }
  }

  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { native, readBootNs } = this.#options;
    try {
      withKernelErrors({ doing: 'stopping' }, () => {
        native.detach();
        const { summaries } = this.#flush();
        this.#counters = native.counters();
        if (!summaries) this.#tellUntold();
      });
      this.#gaps = this.#counters.map(({ gap }) => (isEmpty(gap) ? undefined : gap));
    } finally {
      // However that went, the lanes come to an end.
      this.#control.end(readBootNs(), this.#gaps);
    }
  }

  /** Summaries of samples that sockets still hold, and our flags off the sockets, in namespaces that were made meanwhile, too. */
  #flush(): ReturnType<NativeSource['flush']> {
    const { cgroup, native } = this.#options;
    const paths = new Map(this.#namespaces.map(({ inode, path }) => [inode, path]));
    for (const { inode, path } of findNetworkNamespaces(cgroup.below).others)
      paths.set(inode, path);
    return native.flush([...paths.values()], this.#areFlagsNeeded());
  }

  /** At most so many: those of summaries that were shed or lost are among them. */
  #tellUntold(): void {
    const samples = this.#counters.reduce(
      (sum, { first, last, summarised }) => sum + first.folded + last.folded - summarised,
      0,
    );
    if (samples === 0) return;
    this.warnings.push(
      `up to ${samples} RTT samples of connections that are open at the end are in no summary: reading them from the sockets needs CAP_PERFMON`,
    );
  }

  /** Who asks for flags finds them set by us, and cannot be told from who asks for none: with others there they stay. Where nobody is attached they do nothing. */
  #areFlagsNeeded(): boolean {
    const others = this.#options.otherPrograms();
    if (others.length === 0) return false;
    this.warnings.push(
      `cb flags that this run set stay on its sockets until they close, since another sock_ops program may rely on them: ${others.join(', ')}`,
    );
    return true;
  }

  #lostCgroup(): void {
    this.warnings.push(
      `the cgroup ${this.#options.cgroup.path} has gone: the source ended, since nothing can come from it any more`,
    );
    try {
      this.#stop();
    } catch (error) {
      this.warnings.push(`stopping it failed: ${String(error)}`);
    }
  }
}

function isEmpty({ ringFull, shedFirst, shedLast }: FinalGap): boolean {
  return ringFull + shedFirst + shedLast === 0;
}
