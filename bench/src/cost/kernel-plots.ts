import type { CaseResult, Plot, Point } from '@sockflow/benchmark';

const PROGRAM = /^cost\/(connections|rtt-raw|rtt-folded)\/program\//;
const APPLICATION = /^cost\/(connections|requests)\/application-(folded|raw)\//;

const WORKS: Readonly<Record<string, string>> = {
  connections: 'connections: all their events',
  'rtt-raw': 'RTT samples, a slot each',
  'rtt-folded': 'RTT samples, folded',
};

/** What the kernel's side costs, of the rows of the cases that compare it; none where they did not run. */
export function kernelPlots(rows: readonly CaseResult[]): readonly Plot[] {
  return [programPlot(rows), applicationPlot(rows)].filter((plot) => plot !== undefined);
}

/** Mean run time of the program, beside the smallest one. The spread is that of the ratio: ours by the baseline's median. */
function programPlot(rows: readonly CaseResult[]): Plot | undefined {
  const ours: Point[] = [];
  const smallest: Point[] = [];
  for (const row of rows) {
    const name = PROGRAM.exec(row.id)?.[1];
    if (name === undefined || row.ratio === undefined) continue;
    const x = WORKS[name] as string;
    const theirs = row.baselineValue ?? row.value * row.ratio;
    const [lowest, highest] = row.spread;
    ours.push({ x, y: row.value, low: theirs / highest, high: theirs / lowest });
    smallest.push({ x, y: theirs, low: theirs, high: theirs });
  }
  if (ours.length === 0) return undefined;
  return {
    id: 'cost/kernel/program',
    title: "The kernel's side: run time of the program",
    x: { label: 'what happens', scale: 'category' },
    y: { label: 'ns a run, mean, as the kernel takes it', scale: 'linear' },
    series: [
      { name: 'sockflow', points: ours },
      { name: 'the smallest program that fills a slot', points: smallest },
    ],
  };
}

/** What is left of the application's throughput, of what it has with nothing attached. */
function applicationPlot(rows: readonly CaseResult[]): Plot | undefined {
  const byRtt = new Map<string, Point[]>([
    ['RTT samples folded', []],
    ['a slot for each RTT sample', []],
  ]);
  for (const { id, ratio, spread } of rows) {
    const [, work, rtt] = APPLICATION.exec(id) ?? [];
    if (work === undefined || ratio === undefined) continue;
    const points = byRtt.get(rtt === 'raw' ? 'a slot for each RTT sample' : 'RTT samples folded');
    points?.push({
      x: work === 'connections' ? 'connections a second' : 'requests a second',
      y: ratio * 100,
      low: spread[0] * 100,
      high: spread[1] * 100,
    });
  }
  const series = [...byRtt]
    .filter(([, points]) => points.length > 0)
    .map(([name, points]) => ({ name, points }));
  if (series.length === 0) return undefined;
  return {
    id: 'cost/kernel/application',
    title: 'What is left to the application, both ends of its TCP on loopback in one thread',
    x: { label: 'what it does', scale: 'category' },
    y: { label: '% of its throughput with nothing attached', scale: 'linear' },
    series,
  };
}
