/**
 * Statements that store constant bytes at `p` of `view` and move `p` on: 8 and 4 at a time; the last store may reach beyond their end. The bytes stand in the code as numbers
 * (see TextTable on why none of them is a NaN), so that no name that a user chose is ever part of it as text.
 */
export function constantBytes(constant: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(constant.length / 8) * 8);
  bytes.set(constant);
  const view = new DataView(bytes.buffer);
  const stores: string[] = [];
  for (let at = 0; at < constant.length;) {
    const left = constant.length - at;
    if (left > 4) {
      stores.push(`view.setFloat64(p + ${at}, ${view.getFloat64(at, true)}, true);`);
      at += 8;
    } else if (left === 1) {
      stores.push(`bytes[p + ${at}] = ${bytes[at]};`);
      at += 1;
    } else {
      stores.push(`view.setUint32(p + ${at}, ${view.getUint32(at, true)}, true);`);
      at += 4;
    }
  }
  return `${stores.join(' ')} p += ${constant.length};`;
}
