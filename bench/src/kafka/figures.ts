import { type CaseResult, figure } from '@sockflow/benchmark';

const MIB = 2 ** 20;

/** MiB of values a second, a row beside each baseline's: the same passes as in records a second, so there is no ratio of its own. */
export function bytesResults(
  id: string,
  valueBytes: number,
  oursNs: number,
  baselinesNs: ReadonlyMap<string, number>,
): CaseResult[] {
  const rate = (ns: number): number => valueBytes / MIB / (ns / 1e9);
  return [...baselinesNs].map(([name, ns]) =>
    figure({
      id: `${id}/${name}`,
      reads: 'values of records',
      values: [rate(oursNs)],
      unit: 'MiB/s',
      isLessBetter: false,
      beside: { title: name, kind: 'peer', value: rate(ns) },
    }),
  );
}
