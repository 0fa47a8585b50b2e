const encoder = new TextEncoder();

/**
 * Texts kept as 8-byte pieces, so that writing one is a few stores and no loop over characters.
 *
 * A piece is a float64 only as a carrier of 8 bytes. No piece is a NaN, whose bits an engine may change: that takes the bytes 0x7f or 0xff after 0xf0-0xff, which
 * UTF-8 never has, nor msgpack's texts with their lengths in front.
 */
export class TextTable {
  /** Where the pieces of each text start; one entry more than there are texts. */
  readonly starts: Uint32Array;
  readonly pieces: Float64Array;
  /** Length of each text, bytes. */
  readonly lengths: Uint32Array;
  readonly longestBytes: number;

  constructor(texts: readonly (string | Uint8Array)[]) {
    const encoded = texts.map((text) => (typeof text === 'string' ? encoder.encode(text) : text));
    this.starts = new Uint32Array(texts.length + 1);
    this.lengths = Uint32Array.from(encoded, (bytes) => bytes.length);
    this.longestBytes = encoded.reduce((longest, bytes) => Math.max(longest, bytes.length), 0);
    for (const [index, bytes] of encoded.entries())
      this.starts[index + 1] = this.starts[index]! + Math.ceil(bytes.length / 8);
    this.pieces = new Float64Array(this.starts[texts.length]!);
    const pieceBytes = new Uint8Array(this.pieces.buffer);
    for (const [index, bytes] of encoded.entries()) pieceBytes.set(bytes, this.starts[index]! * 8);
  }
}

/** Writes text `index`: up to 7 bytes more than its length are overwritten. Returns the position after it. */
export function writeText(
  view: DataView,
  position: number,
  table: TextTable,
  index: number,
): number {
  const end = table.starts[index + 1]!;
  let at = position;
  for (let piece = table.starts[index]!; piece < end; piece++) {
    view.setFloat64(at, table.pieces[piece]!, true);
    at += 8;
  }
  return position + table.lengths[index]!;
}
