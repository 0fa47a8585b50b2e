import type { GenerateOptions } from './index.ts';

/** What the generator is to bear: each option at its ends. */
export const EXTREMES: readonly GenerateOptions[] = [
  { connections: 1 },
  { connections: 1, lossRatio: 0.5, cgroups: 3 },
  { connections: 1000, lossRatio: 0 },
  { connections: 600, lossRatio: 0.5 },
  { connections: 300, lossRatio: 0.9 },
  { connections: 600, rtt: { medianUs: 10 } },
  { connections: 300, rtt: { medianUs: 2, p99Us: 60_000_000 }, lossRatio: 0.5 },
  { connections: 300, rtt: { medianUs: 100, spreadUs: 60_000_000 } },
  { connections: 50, arrivalsPerSec: 1 },
  { connections: 3000, arrivalsPerSec: 1_000_000 },
  { durationMs: 1, eventsPerSec: 1_000_000 },
  { connections: 500, bytesPerConnection: 1 },
  { connections: 10, bytesPerConnection: 20_000_000, lossRatio: 0.02 },
  { connections: 500, halfOpenRatio: 1 },
  { connections: 500, unansweredRatio: 0.5, refusedRatio: 0.5 },
  { connections: 256, origins: 256 },
];
