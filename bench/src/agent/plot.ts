import { init } from 'echarts';

import type { Sample } from './samples.ts';

const WIDTH = 860;
const HEIGHT = 620;
const LEFT = 70;
const RIGHT = 24;
/** Points of a curve: more would not be seen, and make the file larger. */
const POINTS = 240;

type Curve = readonly [name: string, color: string, value: (sample: Sample) => number];

interface Panel {
  readonly unit: string;
  readonly top: number;
  readonly height: number;
  readonly curves: readonly Curve[];
}

const PANELS: readonly Panel[] = [
  {
    unit: 'memory, MiB',
    top: 60,
    height: 200,
    curves: [
      ['resident', '#1f77b4', (sample) => sample.residentMib],
      ['anonymous', '#17becf', (sample) => sample.anonymousMib],
    ],
  },
  {
    unit: 'CPU, % of one core',
    top: 310,
    height: 110,
    curves: [
      ['process', '#d62728', (sample) => sample.cpuPercent],
      ['its lane', '#ff9896', (sample) => sample.threadPercent[0] ?? 0],
    ],
  },
  {
    unit: 'events per second',
    top: 470,
    height: 100,
    curves: [
      ['read', '#2ca02c', (sample) => sample.eventsPerSec],
      ['lost and shed, all in all', '#7f7f7f', (sample) => sample.lost + sample.shed],
    ],
  },
];

/** Memory, CPU and events over the time, as an SVG. */
export function plot(title: string, samples: readonly Sample[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const lastMin = (samples.at(-1)?.atS ?? 0) / 60;
  const text = { color: '#333', fontSize: 11 };
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', top: 8, textStyle: { fontSize: 13, color: '#222' } },
    legend: { top: 32, itemWidth: 18, itemHeight: 8, textStyle: text },
    grid: PANELS.map(({ top, height }) => ({ left: LEFT, right: RIGHT, top, height })),
    xAxis: PANELS.map((_, index) => ({
      type: 'value',
      gridIndex: index,
      min: 0,
      max: Math.round(lastMin * 10) / 10,
      name: index === PANELS.length - 1 ? 'minutes' : '',
      nameLocation: 'middle',
      nameGap: 24,
      axisLabel: text,
      splitLine: { lineStyle: { color: '#eee' } },
    })),
    yAxis: PANELS.map(({ unit }, index) => ({
      type: 'value',
      gridIndex: index,
      min: 0,
      name: unit,
      nameTextStyle: { ...text, align: 'left', padding: [0, 0, 0, -40] },
      axisLabel: text,
      splitLine: { lineStyle: { color: '#eee' } },
    })),
    series: PANELS.flatMap(({ curves }, index) =>
      curves.map(([name, color, value]) => ({
        type: 'line',
        name,
        xAxisIndex: index,
        yAxisIndex: index,
        showSymbol: false,
        lineStyle: { width: 1.2 },
        color,
        data: pointsOf(samples, value),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Means of as many samples as make a point. */
function pointsOf(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
): [minutes: number, mean: number][] {
  const size = Math.max(1, Math.ceil(samples.length / POINTS));
  const points: [number, number][] = [];
  for (let start = 0; start < samples.length; start += size) {
    const group = samples.slice(start, start + size);
    const mean = (of: (sample: Sample) => number): number =>
      group.reduce((sum, sample) => sum + of(sample), 0) / group.length;
    points.push([round(mean((sample) => sample.atS / 60)), round(mean(value))]);
  }
  return points;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
