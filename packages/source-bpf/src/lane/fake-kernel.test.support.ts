import {
  BUSY_BIT,
  type ContextEvent,
  kernelRingMemory,
  type RingMemory,
  SlotMemory,
  writeContextEvent,
} from '@sockflow/core';

import type { NativeClocks, RingPoll } from '../native/binding-types.ts';

const PAGE_BYTES = 4096;
const SLOT_BYTES = 256;

/** A BPF ring buffer as it lies in memory, whose program is the test: it reserves, and submits later, in any order. */
export class FakeRing {
  readonly memory: RingMemory;
  readonly #slots: SlotMemory;
  readonly #capacityBytes: number;
  readonly #producer: Uint32Array;
  #reserved: number;

  constructor(capacityBytes: number = 1 << 16) {
    this.#capacityBytes = capacityBytes;
    this.#slots = SlotMemory.allocate(PAGE_BYTES + 2 * capacityBytes);
    this.memory = kernelRingMemory({
      capacityBytes,
      pageBytes: PAGE_BYTES,
      consumerPage: new SharedArrayBuffer(PAGE_BYTES),
      producerPageAndData: this.#slots.buffer,
    });
    this.#producer = new Uint32Array(this.#slots.buffer, 0, 1);
    this.#reserved = 0;
  }

  /** Reserves a slot, still BUSY. @returns what submits it */
  reserve(): (event: ContextEvent) => void {
    const at = this.#reserved;
    const words = [0, this.#capacityBytes].map(
      (copy) => (PAGE_BYTES + copy + (at % this.#capacityBytes)) / 4,
    );
    for (const word of words) this.#slots.u32[word] = (BUSY_BIT | (SLOT_BYTES - 8)) >>> 0;
    this.#reserved += SLOT_BYTES;
    Atomics.store(this.#producer, 0, this.#reserved);
    return (event) => {
      // Both mappings show the same page.
      for (const word of words) writeContextEvent(this.#slots, word, event);
    };
  }

  submit(tsNs: bigint): void {
    this.reserve()(eventAt(tsNs));
  }
}

export function eventAt(tsNs: bigint): ContextEvent {
  return {
    op: 10,
    family: 2,
    ts_boot_ns: tsNs,
    cookie: 1n,
    netns_cookie: 1n,
    args: [1, 7, 0, 0],
    is_fullsock: 1,
    state: 1,
    local_port: 1,
    remote_port: 65536,
    local_ip4: 1,
    remote_ip4: 1,
    local_ip6: [0, 0, 0, 0],
    remote_ip6: [0, 0, 0, 0],
  };
}

/** A descriptor that the test makes readable. */
export class FakePoll implements RingPoll {
  isClosed = false;
  #onReadable: (() => void) | undefined;

  start(onReadable: () => void): void {
    if (this.isClosed) throw new Error('started after close');
    this.#onReadable = onReadable;
  }

  stop(): void {
    if (this.isClosed) throw new Error('stopped after close');
    this.#onReadable = undefined;
  }

  close(): void {
    this.isClosed = true;
    this.#onReadable = undefined;
  }

  get isWaiting(): boolean {
    return this.#onReadable !== undefined;
  }

  /** Once, as the real one. */
  becomeReadable(): void {
    const call = this.#onReadable;
    this.#onReadable = undefined;
    call?.();
  }
}

/** Clocks that stand until they are moved. */
export class FakeClocks {
  bootUs = 1_000_000;

  readonly read = (): NativeClocks => ({
    bootNs: BigInt(Math.round(this.bootUs)) * 1000n,
    realtimeNs: 1_700_000_000_000_000_000n + BigInt(Math.round(this.bootUs)) * 1000n,
    monotonicNs: BigInt(Math.round(this.bootUs)) * 1000n,
    uncertaintyNs: 50n,
    tickNs: 4_000_000,
  });

  readonly nowMs = (): number => this.bootUs / 1000;
}
