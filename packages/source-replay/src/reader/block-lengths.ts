import { ALIGN_BYTES, COMPRESSION_NONE, MAX_PAYLOAD_BYTES } from '../format/layout.ts';

/** F16: whether the lengths that a block's header states go together, which bounds the memory of a reader. */
export function lengthsFit(
  compression: number,
  payloadBytes: number,
  storedBytes: number,
  bodyBytes: number,
): boolean {
  if (payloadBytes > MAX_PAYLOAD_BYTES || payloadBytes % ALIGN_BYTES !== 0) return false;
  if (compression === COMPRESSION_NONE) {
    return payloadBytes === bodyBytes && payloadBytes === storedBytes;
  }
  return (
    storedBytes < payloadBytes && bodyBytes === Math.ceil(storedBytes / ALIGN_BYTES) * ALIGN_BYTES
  );
}
