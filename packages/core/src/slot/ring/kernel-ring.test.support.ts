import { BUSY_BIT, DISCARD_BIT } from '../layout.ts';
import { kernelRingMemory, type RingMemory } from './ring-memory.ts';

const PAGE_BYTES = 4096;
/** What tests put where nobody may write. */
export const GUARD_BYTE = 0xa5;

/**
 * The kernel's end of its ring in plain memory, by the same steps as bpf_ringbuf_reserve, _submit and _discard: the position moves at reserve, BUSY is
 * cleared at submit, and both mappings of the data show the same bytes.
 */
export class KernelRingStandIn {
  readonly memory: RingMemory;
  readonly #capacityBytes: number;
  readonly #words: Uint32Array;
  readonly #producer: BigUint64Array;
  readonly #consumer: BigUint64Array;

  constructor(capacityBytes: number, startPosition: bigint) {
    const consumerPage = new SharedArrayBuffer(PAGE_BYTES);
    const producerPageAndData = new SharedArrayBuffer(PAGE_BYTES + 2 * capacityBytes);
    new Uint8Array(consumerPage).fill(GUARD_BYTE, 8);
    new Uint8Array(producerPageAndData).fill(GUARD_BYTE, 8, PAGE_BYTES);
    this.memory = kernelRingMemory({
      capacityBytes,
      consumerPage,
      producerPageAndData,
      pageBytes: PAGE_BYTES,
    });
    this.#capacityBytes = capacityBytes;
    this.#words = new Uint32Array(producerPageAndData, PAGE_BYTES);
    this.#producer = new BigUint64Array(producerPageAndData, 0, 1);
    this.#consumer = new BigUint64Array(consumerPage, 0, 1);
    this.#producer[0] = startPosition;
    this.#consumer[0] = startPosition;
  }

  /** The slot's word in the first mapping, or -1 where the ring is full: the kernel compares all 64 bits. */
  reserve(bytes: number): number {
    const position = this.#producer[0]!;
    const next = position + BigInt(bytes);
    if (BigInt.asUintN(64, next - Atomics.load(this.#consumer, 0)) > BigInt(this.#capacityBytes)) {
      return -1;
    }
    const word = Number(position & BigInt(this.#capacityBytes - 1)) / 4;
    this.#store(word, (bytes - 8) | BUSY_BIT);
    this.#store(word + 1, 0x1234);
    Atomics.store(this.#producer, 0, next);
    return word;
  }

  fill(word: number, bytes: number, firstWord: number, value: number): void {
    this.#store(word + 2, firstWord);
    for (let w = word + 3; w < word + bytes / 4; w++) this.#store(w, value);
  }

  submit(word: number, isDiscarded = false): void {
    const length = (this.#words[word]! & ~BUSY_BIT) | (isDiscarded ? DISCARD_BIT : 0);
    this.#store(word, length);
  }

  setLengthWord(word: number, lengthWord: number): void {
    this.#store(word, lengthWord);
  }

  #store(word: number, value: number): void {
    const words = this.#capacityBytes / 4;
    Atomics.store(this.#words, word % words, value);
    Atomics.store(this.#words, (word % words) + words, value);
  }
}
