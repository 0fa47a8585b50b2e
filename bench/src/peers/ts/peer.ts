import type { SlotSpan } from '@sockflow/core';

import type { PeerEvent } from './peer-fields.ts';

/** What a pass over all events found. */
export interface Found {
  /** Op events read, or survivors of the filter. */
  readonly count: number;
  /** Sum of what was read, modulo 2^32; 0 of a filter. */
  readonly checksum: number;
}

/** What can be asked of a peer; the same is asked of us. */
export const TASKS = ['five-fields', 'every-field', 'filter'] as const;
export type Task = (typeof TASKS)[number];

/** Events in a peer's own encoding, in memory, and its ways to read them there; a task that makes no sense of it is missing. */
export interface EncodedEvents extends Readonly<
  Partial<Record<Task, () => Found | Promise<Found>>>
> {
  readonly bytes: number;
}

/** What a peer makes its encoding of. */
export interface PeerInput {
  /** The op events. */
  readonly events: readonly PeerEvent[];
  /** The slots they come of. */
  readonly spans: readonly SlotSpan[];
  readonly slotBytes: number;
}

/** One way to hold events and read them, as its own users write it. */
export type Encode = (input: PeerInput) => EncodedEvents | Promise<EncodedEvents>;
