import { ByteOutput } from './bytes/byte-output.ts';
import type { Encoder } from './encoding.ts';

/** Everything that `write` makes an encoder write. */
export function encodedBytes(
  encoder: Encoder,
  write: (encoder: Encoder, out: ByteOutput) => void,
): Buffer {
  const parts: Buffer[] = [];
  const out = new ByteOutput((chunk) => {
    parts.push(Buffer.from(chunk.bytes.subarray(0, chunk.length)));
    out.release(chunk);
  });
  write(encoder, out);
  out.seal();
  return Buffer.concat(parts);
}

/** Everything that `write` makes an encoder write, as text. */
export function encodedText(
  encoder: Encoder,
  write: (encoder: Encoder, out: ByteOutput) => void,
): string {
  return encodedBytes(encoder, write).toString();
}

/** A file of everything that `write` makes an encoder write, with its begin and end. */
export function encodedFile(encoder: Encoder, write: (out: ByteOutput) => void): string {
  const items = encodedText(encoder, (_, out) => write(out));
  const head = encodedText(encoder, (to, out) => to.begin?.(out));
  return head + items + encodedText(encoder, (to, out) => to.end?.(out, true));
}
