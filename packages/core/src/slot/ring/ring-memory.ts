import { RingError } from '../../errors.ts';
import { SLOT_STEP_BYTES } from '../layout.ts';
import { SlotMemory } from '../slot-memory.ts';
import {
  CONSUMER_POSITION_OFFSET,
  MAX_RING_BYTES,
  MIN_RING_BYTES,
  PRODUCER_POSITION_OFFSET,
  RING_PAGE_BYTES,
} from './layout.ts';

/**
 * Where a ring lies: plain data that crosses threads by structured clone.
 *
 * `shared`: a ring of ours. `kernel`: a BPF ring buffer's own pages, of which this process may write the consumer page alone; its data is mapped twice.
 */
export interface RingMemory {
  readonly type: 'shared' | 'kernel';
  readonly capacityBytes: number;
  readonly consumerPage: SharedArrayBuffer;
  /** Read only for the consumer. */
  readonly producerPage: SharedArrayBuffer;
  /** Read only for the consumer. Of a kernel ring, both mappings: 2 x capacity. */
  readonly data: SharedArrayBuffer;
  /** Where the slots begin in `data`: a kernel ring's producer page and data are often one mapping. */
  readonly dataOffset: number;
}

/** Settings of {@link createRingMemory}. */
export interface RingOptions {
  /** A power of two from 4 KiB to 1 GiB. */
  readonly capacityBytes: number;
  /** Where the positions start, a multiple of 64: tests begin just before a carry. */
  readonly startPosition?: bigint;
}

/** Makes a SAB ring: one producer thread and one consumer thread may use it. */
export function createRingMemory(options: RingOptions): RingMemory {
  const { capacityBytes, startPosition = 0n } = options;
  checkCapacity(capacityBytes);
  if (startPosition % BigInt(SLOT_STEP_BYTES) !== 0n) {
    throw new RingError(
      'ERR_SOCKFLOW_RING_CAPACITY',
      `expected a start position that is a multiple of ${SLOT_STEP_BYTES} bytes, found ${startPosition}`,
    );
  }
  const consumerPage = new SharedArrayBuffer(RING_PAGE_BYTES);
  const producerPage = new SharedArrayBuffer(RING_PAGE_BYTES);
  new BigUint64Array(consumerPage)[CONSUMER_POSITION_OFFSET / 8] = startPosition;
  new BigUint64Array(producerPage)[PRODUCER_POSITION_OFFSET / 8] = startPosition;
  const data = SlotMemory.allocate(capacityBytes).buffer;
  return { type: 'shared', capacityBytes, consumerPage, producerPage, data, dataOffset: 0 };
}

/** Settings of {@link kernelRingMemory}. */
export interface KernelRingOptions {
  /** The map's max_entries. */
  readonly capacityBytes: number;
  /** The consumer page, mapped for reading and writing. */
  readonly consumerPage: SharedArrayBuffer;
  /** Mapped for reading: the producer page, then the data twice. */
  readonly producerPageAndData: SharedArrayBuffer;
  /** The machine's page size. */
  readonly pageBytes: number;
}

/** Describes a kernel ring that was mapped as libbpf maps it: the consumer page, and in one piece the producer page and the data twice. */
export function kernelRingMemory(options: KernelRingOptions): RingMemory {
  const { capacityBytes, consumerPage, producerPageAndData, pageBytes } = options;
  checkCapacity(capacityBytes);
  const expectedBytes = pageBytes + 2 * capacityBytes;
  if (producerPageAndData.byteLength < expectedBytes) {
    throw new RingError(
      'ERR_SOCKFLOW_RING_CAPACITY',
      `expected a mapping of ${expectedBytes} bytes (a page of ${pageBytes} and twice ${capacityBytes}), found ${producerPageAndData.byteLength}`,
      { remedy: 'Map the ring from the producer page on, with the data twice.' },
    );
  }
  return {
    type: 'kernel',
    capacityBytes,
    consumerPage,
    producerPage: producerPageAndData,
    data: producerPageAndData,
    dataOffset: pageBytes,
  };
}

function checkCapacity(capacityBytes: number): void {
  const isPowerOfTwo =
    capacityBytes > 0 && 2 ** Math.round(Math.log2(capacityBytes)) === capacityBytes;
  if (!isPowerOfTwo || capacityBytes < MIN_RING_BYTES || capacityBytes > MAX_RING_BYTES) {
    throw new RingError(
      'ERR_SOCKFLOW_RING_CAPACITY',
      `expected a capacity that is a power of two from ${MIN_RING_BYTES} to ${MAX_RING_BYTES} bytes, found ${capacityBytes}`,
      { details: { capacityBytes }, remedy: 'Take 4194304 (4 MiB, 16384 slots) to begin with.' },
    );
  }
}
