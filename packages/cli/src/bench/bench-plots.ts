import { median, type Pass, type Plot, type Point } from '@sockflow/benchmark';

const NS_PER_S = 1e9;
const PER_SEC = 'events/s';

function point(x: number | string, events: number, passes: readonly Pass[]): Point {
  const rates = passes.map(({ ns }) => (events / ns) * NS_PER_S);
  return { x, y: median(rates), low: Math.min(...rates), high: Math.max(...rates) };
}

/** What one lane does with the recording, beside less and more than that. */
export function sidesPlot(
  id: string,
  events: number,
  sides: readonly (readonly [name: string, passes: readonly Pass[]])[],
): Plot {
  return {
    id: `${id}/sides`,
    title: 'Events a second in one lane, by what is done with them',
    x: { label: 'work', scale: 'category' },
    y: { label: PER_SEC, scale: 'log' },
    series: [{ name: 'one lane', points: sides.map(([name, all]) => point(name, events, all)) }],
  };
}

/** What more lanes bring. */
export function lanesPlot(
  id: string,
  name: string,
  events: number,
  lanes: readonly (readonly [lanes: number, passes: readonly Pass[]])[],
): Plot {
  return {
    id: `${id}/lanes`,
    title: 'Events a second by lanes',
    x: { label: 'lanes', scale: 'linear' },
    y: { label: PER_SEC, scale: 'linear' },
    series: [{ name, points: lanes.map(([count, all]) => point(count, events, all)) }],
  };
}
