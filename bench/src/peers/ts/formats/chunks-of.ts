/* As much as a file's read stream gives at a time. */
const CHUNK_BYTES = 64 * 1024;

/** What a stream over a file would give. */
export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
