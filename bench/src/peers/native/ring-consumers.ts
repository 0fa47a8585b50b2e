import type { BaselineKind } from '@sockflow/benchmark';

import { buildGo, buildRust } from './build-peer.ts';

/** Somebody else's reader of a kernel ring, in a program of ours. */
export interface RingConsumer {
  readonly name: string;
  readonly title: string;
  readonly kind: BaselineKind;
  /** Gives the program's path. @throws Error that says why it cannot be had here */
  readonly build: () => string;
}

export const RING_CONSUMERS: readonly RingConsumer[] = [
  {
    name: 'go',
    title: 'cilium/ebpf ringbuf.Reader, Go',
    kind: 'peer',
    build: () => buildGo('ring'),
  },
  { name: 'rust', title: 'aya RingBuf, Rust', kind: 'peer', build: () => buildRust('ring') },
];
