/** A number as people write flags. */
export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
