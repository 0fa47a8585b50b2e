import { exp, ln } from './exact-math.ts';
import type { Random } from './random.ts';

/** How the round trips of connections' paths are spread. */
export interface RttOptions {
  /** Median over connections, µs. */
  readonly medianUs: number;
  /** Standard deviation around it, µs: the normal distribution, as netem's `delay TIME JITTER distribution normal` has it. */
  readonly spreadUs?: number;
  /** In its place the 99th percentile, µs: the log-normal distribution that has this median and this percentile. */
  readonly p99Us?: number;
}

/** The 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.3263478740408408;
const NS_PER_US = 1000;
const SHORTEST_NS = 2000;
/** Far beyond any path; srtt_us << 3 still fits a u32. */
const LONGEST_NS = 120_000_000_000;

/** The round trip of one connection's path, a whole number of ns, at least 2 µs. */
export function drawRttNs(random: Random, rtt: RttOptions): number {
  const { medianUs, spreadUs, p99Us } = rtt;
  let us = medianUs;
  if (p99Us !== undefined) {
    us = medianUs * exp((normal(random) * ln(p99Us / medianUs)) / NORMAL_P99);
  } else if (spreadUs !== undefined && spreadUs > 0) {
    us = medianUs + spreadUs * normal(random);
  }
  return Math.floor(Math.max(SHORTEST_NS, Math.min(LONGEST_NS, us * NS_PER_US)));
}

/** A standard normal deviate: the polar method (Marsaglia, 1964), without keeping the second of its two. */
export function normal(random: Random): number {
  for (;;) {
    const x = random.u32() / 2147483648 - 1;
    const y = random.u32() / 2147483648 - 1;
    const square = x * x + y * y;
    if (square < 1 && square > 0) {
      return x * Math.sqrt((-2 * ln(square)) / square);
    }
  }
}
