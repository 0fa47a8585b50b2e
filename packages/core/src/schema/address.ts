/** Third word of a v4-mapped IPv6 address (::ffff:a.b.c.d) as it lies in memory, little-endian. */
export const V4_MAPPED_WORD = 0xffff0000;

/** An IPv4 address from the u32 that holds it in network byte order, read little-endian. */
export function formatIp4(word: number): string {
  return `${word & 255}.${(word >>> 8) & 255}.${(word >>> 16) & 255}.${word >>> 24}`;
}

function group(word: number, half: 0 | 1): number {
  const shift = half === 0 ? 0 : 16;
  return (((word >>> shift) & 255) << 8) | ((word >>> (shift + 8)) & 255);
}

/** The longest run of zero groups of at least two, as RFC 5952 wants it: the first where several are as long. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 1 };
  let start = -1;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      if (index - start > best.length) best = { start, length: index - start };
      start = -1;
    }
  }
  return best;
}

/** An IPv6 address from its four words in network byte order, read little-endian: RFC 5952 text; v4-mapped ones as plain IPv4, so that both ends of a connection read alike. */
export function formatIp6(a: number, b: number, c: number, d: number): string {
  if (a === 0 && b === 0 && c === V4_MAPPED_WORD) return formatIp4(d);
  const groups = [
    group(a, 0),
    group(a, 1),
    group(b, 0),
    group(b, 1),
    group(c, 0),
    group(c, 1),
    group(d, 0),
    group(d, 1),
  ];
  const run = longestZeroRun(groups);
  const hex = groups.map((value) => value.toString(16));
  if (run.start < 0) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}
