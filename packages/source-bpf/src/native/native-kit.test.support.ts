import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import {
  createRingMemory,
  kernelRingMemory,
  type Origin,
  RingConsumer,
  type RingMemory,
  type SlotSpan,
} from '@sockflow/core';
import { findCgroup2, type KernelNeeds } from '@sockflow/test-support';

import type { NativeBinding, NativeConfig, NativeSource } from './binding-types.ts';
import { loadBinding } from './load-binding.ts';

/** What the tests of the addon need: no commands, and no other network namespace. */
export const ADDON_NEEDS: KernelNeeds = { caps: ['BPF', 'NET_ADMIN', 'PERFMON'], tools: [] };

const TEST_BUILD = new URL('../../build/test/', import.meta.url);
const require = createRequire(import.meta.url);

/** Where the addon is that {@link testBinding} loads. */
export function testAddonPath(): string {
  return (
    process.env['SOCKFLOW_TEST_ADDON'] ??
    require.resolve('@sockflow/source-bpf-linux-x64/sockflow_bpf.node')
  );
}

/** The addon, or the build of it that the test of the sanitizers names. */
export function testBinding(): NativeBinding {
  const path = process.env['SOCKFLOW_TEST_ADDON'];
  return path === undefined ? loadBinding().binding : (require(path) as NativeBinding);
}

/** A configuration that asks for nothing and can be attached. */
export function testConfig(changes: Partial<NativeConfig> = {}): NativeConfig {
  return {
    objectPath: loadBinding().objectPath,
    cgroupPath: findCgroup2() ?? '',
    withoutFeatures: 0,
    lanes: 1,
    ringBytes: 65536,
    opsMask: 0n,
    filterOpsMask: undefined,
    kindsMask: 0xff,
    cbFlags: 0,
    rttMode: 0,
    foldIntervalNs: 0n,
    ecnOnRequestOnly: false,
    requestTstamp: false,
    sampleThreshold: 1 << 24,
    shedFirst: [0xffffffff, 0xffffffff],
    shedLast: [0xffffffff, 0xffffffff],
    ports: undefined,
    networks: undefined,
    ...changes,
  };
}

/** What {@link RingProducer.produce} is asked for. */
export interface ProduceRequest {
  readonly nextSequence: number;
  readonly count: number;
  readonly longEvery?: number;
  readonly discardEvery?: number;
  readonly wakes?: number;
}

/** native/test/ring_producer.cc: fills a ring from inside the kernel. */
export interface RingProducer {
  produce(request: ProduceRequest): {
    readonly nextSequence: number;
    readonly submitted: number;
    readonly discarded: number;
  };
  hold(sequence: number): void;
  release(): void;
  close(): void;
}

interface TestAddon {
  readonly RingProducer: new (objectPath: string, ringFd: number) => RingProducer;
  openLink(id: number): number;
}

function testAddon(): TestAddon {
  return require(fileURLToPath(new URL('ring_producer.node', TEST_BUILD))) as TestAddon;
}

export function openProducer(ringFd: number): RingProducer {
  const { RingProducer } = testAddon();
  return new RingProducer(fileURLToPath(new URL('ring_producer.bpf.o', TEST_BUILD)), ringFd);
}

/** @returns a descriptor of a BPF link of its own, to be closed by the caller */
export function openLink(id: number): number {
  return testAddon().openLink(id);
}

/** How a lane may get at a kernel ring. */
export type MemoryKind = 'mapped' | 'copied';

/** A kernel ring, the program that fills it, and core's consumer at its end. */
export interface RingUnderTest {
  readonly source: NativeSource;
  readonly producer: RingProducer;
  readonly memory: RingMemory;
  readonly consumer: RingConsumer;
  /** The next span, after copying where the ring is copied. */
  peek(): SlotSpan | undefined;
  close(): void;
}

const TEST_ORIGIN: Origin = { id: 'test' };

export function openRing(kind: MemoryKind, ringBytes: number): RingUnderTest {
  const binding = testBinding();
  const source = binding.openSource(testConfig({ ringBytes }));
  const producer = openProducer(source.ringFd(0));
  const memory =
    kind === 'mapped'
      ? kernelRingMemory(source.mapRing(0))
      : createRingMemory({ capacityBytes: ringBytes });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN });
  const copy =
    kind === 'mapped' ? undefined : binding.openRingCopy(source.ringFd(0), viewsOf(memory));
  return {
    source,
    producer,
    memory,
    consumer,
    peek: () => {
      copy?.copy();
      return consumer.peek();
    },
    close: () => {
      copy?.close();
      consumer.close();
      producer.close();
      source.close();
    },
  };
}

/** A SAB ring as {@link NativeBinding.openRingCopy} takes it. */
export function viewsOf(memory: RingMemory): Parameters<NativeBinding['openRingCopy']>[1] {
  return {
    capacityBytes: memory.capacityBytes,
    consumerPage: new Uint8Array(memory.consumerPage),
    producerPage: new Uint8Array(memory.producerPage),
    data: new Uint8Array(memory.data),
  };
}
