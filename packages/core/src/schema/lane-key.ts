/** Number of lane buckets: the low 6 bits of a lane key. Block statistics and lanes are in these units. */
export const LANE_BUCKETS = 64;

/**
 * The one hash of a socket cookie: lanes take its bits 0-5, sampling its bits 8-31. The kernel program computes the same
 * (`sockflow_lane_key` in the generated header). The cookie's halves are folded by a multiplicative constant (2^32 / golden ratio) and finished as MurmurHash3's
 * 32-bit finaliser does.
 */
export function laneKey(cookieLow: number, cookieHigh: number): number {
  let hash = cookieLow ^ Math.imul(cookieHigh, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The lane of a key: its bucket modulo the number of lanes (at most {@link LANE_BUCKETS}). */
export function laneOf(key: number, lanes: number): number {
  return (key & (LANE_BUCKETS - 1)) % lanes;
}
