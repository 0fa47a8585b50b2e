import type { Op } from '@sockflow/core';

/** One of the kernel's operators. */
export type OpValue = (typeof Op)[keyof typeof Op];

/** Settings of {@link bpf}. Only these ask the kernel for anything; filters of the pipeline only look. */
export interface BpfOptions {
  /** Path of the cgroup whose sockets are observed, its children's included; `auto` (the default) is the root of the mounted cgroup2. */
  readonly cgroup?: string;
  /**
   * The ops to report. Where not given: TCP_CONNECT_CB, ACTIVE_ESTABLISHED_CB, PASSIVE_ESTABLISHED_CB, NEEDS_ECN of request sockets, RTO_CB, RETRANS_CB, STATE_CB,
   * TCP_LISTEN_CB. Naming RTT_CB means a slot for each sample. `all` is every op that this kernel knows.
   */
  readonly ops?: readonly number[] | 'all';
  /** CbFlag bits to request besides those that the ops need. */
  readonly cbFlags?: number;
  /** RTT samples: folded into summaries (the default), each in a slot of its own (the default where `ops` names RTT_CB), or not asked for. */
  readonly rtt?: 'folded' | 'raw' | 'off';
  /** Least time between two RTT summaries of a socket, ms; 1000 where not given. */
  readonly rttIntervalMs?: number;
  /**
   * Whether connections that are there already are taken in, with a snapshot each: `auto` (the default) takes in what it can and notes what it cannot, `own-netns` and
   * `all-netns` fail where it cannot be done, `off` leaves them alone.
   */
  readonly existing?: 'auto' | 'own-netns' | 'all-netns' | 'off';
  /** Bytes of each lane's ring: a power of two from 4096 to 1 GiB; 16 MiB where not given. */
  readonly ringBytes?: number;
  /** How slots reach the lane: `mapped` in place, `copied` into shared memory, `auto` (the default) mapped where it can be. */
  readonly memory?: 'auto' | 'mapped' | 'copied';
  /** BTF of the running kernel, where /sys/kernel/btf has none. */
  readonly btfPath?: string;
  /** Whether filters are pushed down into the kernel; true where not given. The events are the same. */
  readonly pushDown?: boolean;
}
