import type { CaseResult } from '../harness/case-result.ts';

const MIB = 2 ** 20;

/** MiB of values a second, the peers' beside ours. */
export function bytesResult(
  id: string,
  valueBytes: number,
  oursNs: number,
  peersNs: ReadonlyMap<string, number>,
): CaseResult {
  const rate = (ns: number): number => valueBytes / MIB / (ns / 1e9);
  const value = rate(oursNs);
  return {
    id,
    value,
    unit: 'MiB/s',
    baseline: [...peersNs].map(([name, ns]) => `${name} ${rate(ns).toFixed(0)}`).join(', '),
    ratio: undefined,
    spread: [value, value],
    budget: undefined,
    pass: undefined,
  };
}
