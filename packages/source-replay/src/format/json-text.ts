import { ALIGN_BYTES } from './layout.ts';

/** JSON text as it lies in a recording: UTF-8, padded with spaces to whole cache lines (F1). */
export function paddedJson(text: string): Buffer {
  const textBytes = Buffer.byteLength(text);
  const padded = Buffer.alloc(Math.ceil(textBytes / ALIGN_BYTES) * ALIGN_BYTES, 0x20);
  padded.write(text, 'utf8');
  return padded;
}
