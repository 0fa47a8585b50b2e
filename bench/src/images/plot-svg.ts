import type { Plot, Point, Series } from '@sockflow/benchmark';
import { type EChartsCoreOption, init } from 'echarts';

import { axisText, countText } from './axis-text.ts';

const WIDTH = 860;
const HEIGHT = 460;
const LEFT = 84;
const RIGHT = 28;
const BOTTOM = 76;
const LEGEND_TOP = 40;
const LEGEND_ROW = 20;
/** Of the legend's text, about. */
const LETTER = 6.6;
const LEGEND_ICON = 42;
const FONT = 'system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif';
const TEXT = { color: '#333', fontSize: 12, fontFamily: FONT };
/** Apart also for who does not see all colours (Okabe and Ito). */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'];
const DASHED = /^C\b|naive|smallest/i;

/** A plot as an SVG of 860 x 460, light: lines with the rounds' lowest and highest as bars of error where x is a quantity or has an order, bars where series are parts of categories. */
export function plotSvg(plot: Plot, machine: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption(optionOf(plot, machine));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function optionOf(plot: Plot, machine: string): EChartsCoreOption {
  const rows = legendRows(plot.series);
  const isBars = hasBars(plot);
  return {
    animation: false,
    backgroundColor: '#fff',
    color: COLORS,
    textStyle: { fontFamily: FONT },
    title: {
      text: plot.title,
      subtext: '',
      left: 'center',
      top: 10,
      textStyle: { ...TEXT, color: '#222', fontSize: 15, fontWeight: 600 },
    },
    legend: {
      top: LEGEND_TOP,
      left: LEFT,
      right: RIGHT,
      itemWidth: 24,
      itemHeight: 10,
      textStyle: TEXT,
    },
    grid: { left: LEFT, right: RIGHT, top: LEGEND_TOP + rows * LEGEND_ROW + 18, bottom: BOTTOM },
    graphic: [
      {
        type: 'text',
        right: RIGHT,
        bottom: 6,
        style: { text: machine, fill: '#777', font: `11px ${FONT}` },
      },
    ],
    xAxis: xAxisOf(plot),
    yAxis: yAxisOf(plot),
    series: plot.series.flatMap((series, index) =>
      isBars ? barsOf(plot, series, index) : linesOf(plot, series, index),
    ),
  };
}

/** Categories without an order: named in words, not by a number or a percentile. */
function hasBars({ x, series }: Plot): boolean {
  return (
    x.scale === 'category' &&
    series.every(({ points }) => points.every((point) => !/^p?[\d.]+( %)?$/.test(String(point.x))))
  );
}

function categoriesOf({ series }: Plot): readonly string[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => String(x))))];
}

function legendRows(series: readonly Series[]): number {
  let rows = 1;
  let used = 0;
  for (const { name } of series) {
    const width = name.length * LETTER + LEGEND_ICON;
    if (used > 0 && used + width > WIDTH - LEFT - RIGHT) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

function xAxisOf(plot: Plot): object {
  const { label, scale } = plot.x;
  const common = {
    name: label,
    nameLocation: 'middle',
    nameGap: 34,
    nameTextStyle: TEXT,
    axisLine: { lineStyle: { color: '#666' } },
  };
  if (scale === 'category') {
    return {
      ...common,
      type: 'category',
      data: categoriesOf(plot),
      axisLabel: { ...TEXT, interval: 0, width: 120, overflow: 'break' },
      axisTick: { alignWithLabel: true },
    };
  }
  const xs = plot.series.flatMap(({ points }) => points.map(({ x }) => Number(x)));
  return {
    ...common,
    type: scale === 'log' ? 'log' : 'value',
    ...(scale === 'log' ? { logBase: 2 } : {}),
    min: Math.min(...xs),
    max: Math.max(...xs),
    axisLabel: { ...TEXT, formatter: countText, hideOverlap: true },
    splitLine: { lineStyle: { color: '#eee' } },
  };
}

function yAxisOf({ y, series }: Plot): object {
  const points = series.flatMap((one) => one.points);
  const lowest = Math.min(...points.map(({ low }) => low).filter((low) => low > 0));
  const highest = Math.max(...points.map(({ high }) => high));
  const isLog = y.scale === 'log';
  return {
    type: isLog ? 'log' : 'value',
    ...(isLog ? { min: roundDown(lowest), max: roundUp(highest) } : { min: 0 }),
    name: y.label,
    nameLocation: 'middle',
    nameGap: 58,
    nameTextStyle: TEXT,
    axisLabel: { ...TEXT, formatter: axisText },
    minorSplitLine: { show: isLog, lineStyle: { color: '#f4f4f4' } },
    minorTick: { show: isLog, splitNumber: 9 },
    splitLine: { lineStyle: { color: '#ddd' } },
  };
}

function roundDown(value: number): number {
  return 10 ** Math.floor(Math.log10(value));
}

function roundUp(value: number): number {
  return 10 ** Math.ceil(Math.log10(value));
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length] as string;
}

function xOf({ x: { scale } }: Plot, { x }: Point): number | string {
  return scale === 'category' ? String(x) : Number(x);
}

function linesOf(plot: Plot, { name, points }: Series, index: number): object[] {
  const color = colorOf(index);
  return [
    {
      type: 'line',
      name,
      color,
      symbol: 'circle',
      symbolSize: points.length === 1 ? 11 : 6,
      lineStyle: { width: 2, type: DASHED.test(name) ? 'dashed' : 'solid' },
      data: points.map((point) => [xOf(plot, point), point.y]),
    },
    errorsOf(plot, points, color, 0),
  ];
}

function barsOf(plot: Plot, { name, points }: Series, index: number): object[] {
  const { length } = plot.series;
  const categories = categoriesOf(plot).length;
  const place = (WIDTH - LEFT - RIGHT) / categories;
  const width = Math.min(56, (place * 0.7) / length);
  const shift = (index - (length - 1) / 2) * width;
  return [
    {
      type: 'bar',
      name,
      color: colorOf(index),
      barWidth: width,
      barGap: '0%',
      data: points.map((point) => [xOf(plot, point), point.y]),
      label: {
        show: true,
        position: 'top',
        distance: 4,
        color: '#333',
        fontSize: 11,
        fontFamily: FONT,
        formatter: ({ value }: { value: readonly unknown[] }) => axisText(Number(value[1])),
      },
    },
    errorsOf(plot, points, '#222', shift),
  ];
}

/** From the lowest to the highest of the rounds. */
function errorsOf(plot: Plot, points: readonly Point[], color: string, shift: number): object {
  return {
    type: 'custom',
    silent: true,
    z: 4,
    data: points.map((point) => [xOf(plot, point), point.low, point.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_params: unknown, api: ErrorApi) => {
      const [x = 0, low = 0] = api.coord([api.value(0), Math.max(api.value(1), leastOf(plot))]);
      const [, high = 0] = api.coord([api.value(0), api.value(2)]);
      const at = x + shift;
      const line = (x1: number, y1: number, x2: number, y2: number): object => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style: { stroke: color, lineWidth: 1.2, opacity: 0.75 },
      });
      return {
        type: 'group',
        children: [
          line(at, low, at, high),
          line(at - 4, low, at + 4, low),
          line(at - 4, high, at + 4, high),
        ],
      };
    },
  };
}

interface ErrorApi {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly number[];
}

/** What a logarithmic axis begins with. */
function leastOf({ y, series }: Plot): number {
  if (y.scale !== 'log') return 0;
  const lows = series.flatMap(({ points }) => points.map(({ low }) => low));
  return roundDown(Math.min(...lows.filter((low) => low > 0)));
}
