/** Bytes that `writeVarint` takes; `value` is not negative. */
export function varintBytes(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x2000) return 2;
  if (value < 0x10_0000) return 3;
  return value < 0x800_0000 ? 4 : 5;
}

/** Writes a VARINT of Kafka's protocol, zigzag, of what is not negative. @returns the position behind it */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  // Of what is not negative, zigzag is twice as much.
  return writeUnsignedVarint(bytes, position, value << 1);
}

/** Writes an UNSIGNED_VARINT of Kafka's protocol. @returns the position behind it */
export function writeUnsignedVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = value >>> 0;
  let at = position;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
