/*
 * What the addon offers, as TypeScript sees it: native/ makes it, open-source.ts and the lane use it, nobody else. Layouts stay on the native side: names cross.
 *
 *   main thread:  probe() | openSource() -> attach -> takeIn -> ... -> detach -> flush -> counters -> close
 *   lane:         openRingPoll(fd) or openRingCopy(fd)
 */

/** One check of a kernel: helper, map, attachment, found by doing it. */
export interface NativeProbe {
  readonly id: string;
  readonly works: boolean;
  /** `0` where it works. */
  readonly errno: number;
}

/** What a probe of the kernel gives. */
export interface NativeProbes {
  readonly probes: readonly NativeProbe[];
  /** SOCKFLOW_CAN_* of sockflow_source.h, bit by bit: what the program may use here. */
  readonly features: number;
}

/** struct sockflow_config, by name, and what the maps are filled with. The addon finds `features` and `captured` itself. */
export interface NativeConfig {
  /** Path of the compiled object. */
  readonly objectPath: string;
  /** The cgroup to attach to: its id and depth are frozen into the program (who is taken in), so it is named before the load. */
  readonly cgroupPath: string;
  /** BTF of the kernel, where it has none of its own in /sys/kernel/btf. */
  readonly btfPath?: string;
  /** Features not to use though they work: for tests and for fewer capabilities. */
  readonly withoutFeatures: number;
  readonly lanes: number;
  readonly ringBytes: number;
  readonly opsMask: bigint;
  /** Ops that some output can take; `undefined`: no filter. */
  readonly filterOpsMask: bigint | undefined;
  readonly kindsMask: number;
  readonly cbFlags: number;
  /** 0 off, 1 folded, 2 raw. */
  readonly rttMode: number;
  readonly foldIntervalNs: bigint;
  readonly ecnOnRequestOnly: boolean;
  readonly requestTstamp: boolean;
  readonly sampleThreshold: number;
  readonly shedFirst: readonly [fromBytes: number, allBytes: number];
  readonly shedLast: readonly [fromBytes: number, allBytes: number];
  /** Port → ends (1 local, 2 remote); `undefined`: no filter. */
  readonly ports: ReadonlyMap<number, number> | undefined;
  /** 16 bytes and prefix bits (IPv4 mapped, from 96) → ends, those of covering networks included; `undefined`: no filter. */
  readonly networks:
    | readonly {
        readonly address: Uint8Array;
        readonly prefixBits: number;
        readonly ends: number;
      }[]
    | undefined;
}

/** A ring's pages as SharedArrayBuffers. They stay mapped as long as any of them lives in any thread. */
export interface NativeRing {
  readonly capacityBytes: number;
  readonly pageBytes: number;
  /** Reading and writing. */
  readonly consumerPage: SharedArrayBuffer;
  /** READ ONLY memory: a store into it ends the process. The producer page, then the data twice. */
  readonly producerPageAndData: SharedArrayBuffer;
}

/** Fates of one lane and class. */
export interface NativeFates {
  readonly seen: number;
  readonly made: number;
  readonly submitted: number;
  readonly notAsked: number;
  readonly filtered: number;
  readonly folded: number;
  readonly shed: number;
  readonly lost: number;
}

/** struct sockflow_counters of one lane, summed over the CPUs, and its gap. */
export interface NativeLaneCounters {
  readonly first: NativeFates;
  readonly last: NativeFates;
  /** Index = kind. */
  readonly madeByKind: readonly number[];
  readonly summarised: number;
  readonly flagsClobbered: number;
  readonly opMisfit: number;
  readonly storageFailed: number;
  readonly takenIn: number;
  readonly wakeups: number;
  readonly gap: {
    readonly startNs: bigint;
    readonly ringFull: number;
    readonly shedFirst: number;
    readonly shedLast: number;
  };
}

/** The loaded object. Main thread only; every method but `close` throws after `close`. */
export interface NativeSource {
  /** What the program uses, after probing. */
  readonly features: number;
  /** Presence bits of what it can read. */
  readonly captured: bigint;
  /** Attaches to the cgroup of the configuration, by link; the link dies with the process. */
  attach(): void;
  /** Descriptor of a lane's ring, borrowed: valid until close. */
  ringFd(lane: number): number;
  /** Throws a NativeFailure of step `map` where the pages cannot be had this way: copy then. */
  mapRing(lane: number): NativeRing;
  /** struct sockflow_lane_word for each lane, 64 bytes apart; reading and writing. */
  laneWords(): SharedArrayBuffer;
  /**
   * Takes in the TCP sockets of a network namespace (path of its file; `undefined`: this thread's): requests the flags, makes snapshots.
   * @returns sockets visited
   */
  takeIn(netnsPath?: string): number;
  /** Detaches and waits until no program of ours runs any more (B1 holds from here on, until flush). */
  detach(): void;
  /** After detach: summaries of what sockets still hold, and our cb flags off the sockets, as far as the kernel allows, unless they are to be kept. @returns which of both was possible */
  flush(
    netnsPaths: readonly string[],
    keepsFlags?: boolean,
  ): { readonly summaries: boolean; readonly flags: boolean };
  counters(): readonly NativeLaneCounters[];
  /** Mean run time of the event program: kernel.bpf_stats_enabled. */
  runStats(): { readonly runs: bigint; readonly totalNs: bigint };
  close(): void;
}

/** Waits for a ring on the event loop of the thread that made it. */
export interface RingPoll {
  /** Calls back once, when the ring has something to read; again only after another `start`. Does not keep the process alive. */
  start(onReadable: () => void): void;
  stop(): void;
  close(): void;
}

/** Copies a kernel ring into a SAB ring (core's layout, R1-R11), synchronously, in the lane's thread, which is its consumer too. */
export interface RingCopy {
  /** Copies what is published and fits. @returns bytes copied */
  copy(): number;
  /** Bytes of the kernel's ring that are reserved so far, modulo 2^32. */
  reservedPosition(): number;
  /** Bytes of the kernel's ring that were copied or passed over so far, modulo 2^32. */
  copiedPosition(): number;
  close(): void;
}

/** A reading of the clocks, close together: ns. */
export interface NativeClocks {
  readonly bootNs: bigint;
  readonly realtimeNs: bigint;
  readonly monotonicNs: bigint;
  readonly uncertaintyNs: bigint;
  /** A timer tick, ns: clock_getres(CLOCK_MONOTONIC_COARSE). The kernel's HZ is what it divides a second into. */
  readonly tickNs: number;
}

/** The addon. */
export interface NativeBinding {
  /** What it was built as: the same as the package's version, or it is refused. */
  readonly version: string;
  readonly libbpfVersion: string;
  probe(options: { readonly btfPath?: string }): NativeProbes;
  openSource(config: NativeConfig): NativeSource;
  openRingPoll(fd: number): RingPoll;
  openRingCopy(
    fd: number,
    target: {
      readonly capacityBytes: number;
      readonly consumerPage: Uint8Array;
      readonly producerPage: Uint8Array;
      readonly data: Uint8Array;
    },
  ): RingCopy;
  readClocks(): NativeClocks;
  /** 64-bit id of a cgroup (name_to_handle_at), as bpf_get_cgroup_id has it. */
  cgroupId(path: string): bigint;
  /** The sock_ops programs attached to this cgroup itself (BPF_PROG_QUERY: CAP_NET_ADMIN); `name` is empty where it may not be read (CAP_SYS_ADMIN). */
  sockOpsPrograms(path: string): readonly { readonly id: number; readonly name: string }[];
}

/** What the addon throws: an Error with these, turned into a KernelError by kernel-error.ts. */
export interface NativeFailure extends Error {
  readonly step: 'open' | 'load' | 'attach' | 'map' | 'iterate' | 'poll' | 'cgroup' | 'closed';
  readonly syscall: string;
  readonly errno: number;
  /** `EPERM`. */
  readonly errnoName: string;
  /** The verifier's, its last 64 KiB. */
  readonly verifierLog?: string;
}
