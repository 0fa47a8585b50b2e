const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/**
 * The hash by which Kafka's Java client chooses the partition of a key: 32-bit MurmurHash2 with its seed, as a signed number.
 */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  const wholeBytes = length & ~3;
  let h = SEED ^ length;
  for (let index = 0; index < wholeBytes; index += 4) {
    let k =
      data[index]! | (data[index + 1]! << 8) | (data[index + 2]! << 16) | (data[index + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = length - wholeBytes;
  if (rest > 2) h ^= data[wholeBytes + 2]! << 16;
  if (rest > 1) h ^= data[wholeBytes + 1]! << 8;
  if (rest > 0) {
    h ^= data[wholeBytes]!;
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h | 0;
}

/** The partition that Kafka's Java client gives a key, of so many. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
