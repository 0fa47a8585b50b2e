import type { Plot, Point, Series } from '@sockflow/benchmark';
import { type EChartsCoreOption, init } from 'echarts';

import { axisText, countText } from './axis-text.ts';
import { errorBars } from './error-bars.ts';
import { placeLegend } from './legend.ts';
import { logTicks } from './log-ticks.ts';
import { type SeriesStyle, stylesOf } from './series-style.ts';

const WIDTH = 860;
const HEIGHT = 460;
const LEFT = 84;
const RIGHT = 28;
const BOTTOM = 78;
const LEGEND_TOP = 40;
/** Room above the highest bar, for its number. */
const HEADROOM = 1.08;
const MOST_BAR = 56;
/** Between the bars of error of two series of lines, px. */
const ERROR_SHIFT = 4;
const FONT = 'system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif';
const TEXT = { color: '#333', fontSize: 12, fontFamily: FONT };
/** A number, a percentage, a percentile: categories with an order. */
const ORDERED = /^p?[\d.]+( %)?$/;

/**
 * A plot as a light SVG of 860 x 460: lines where x is a quantity or has an order, else bars. Each point has a bar from the lowest to the highest of its rounds.
 *
 * @param machine on what it was measured, below it
 */
export function plotSvg(plot: Plot, machine: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption(optionOf(plot, machine));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function optionOf(plot: Plot, machine: string): EChartsCoreOption {
  const legend = placeLegend(plot.series, { left: LEFT, right: WIDTH - RIGHT, top: LEGEND_TOP });
  const styles = stylesOf(plot.series);
  return {
    animation: false,
    backgroundColor: '#fff',
    textStyle: { fontFamily: FONT },
    title: {
      text: plot.title,
      left: 'center',
      top: 10,
      textStyle: { ...TEXT, color: '#222', fontSize: 15, fontWeight: 600 },
    },
    legend: legend.places.map(({ name, left, top }) => ({
      data: [name],
      left,
      top,
      padding: 0,
      itemWidth: 24,
      itemHeight: 10,
      textStyle: TEXT,
    })),
    grid: { left: LEFT, right: RIGHT, top: legend.bottom + 16, bottom: BOTTOM },
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
    series: plot.series.flatMap((series, index) => {
      const style = styles[index] as SeriesStyle;
      return hasBars(plot)
        ? barsOf(plot, series, style, index)
        : linesOf(plot, series, style, index);
    }),
  };
}

function hasBars({ x, series }: Plot): boolean {
  const isOrdered = series.every(({ points }) => points.every((at) => ORDERED.test(String(at.x))));
  return x.scale === 'category' && !isOrdered;
}

function categoriesOf({ series }: Plot): readonly string[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => String(x))))];
}

function xAxisOf(plot: Plot): object {
  const { label, scale } = plot.x;
  const common = {
    name: label,
    nameLocation: 'middle',
    nameGap: 36,
    nameTextStyle: TEXT,
    axisLine: { lineStyle: { color: '#666' }, onZero: false },
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
  const xs = [...new Set(plot.series.flatMap(({ points }) => points.map(({ x }) => Number(x))))];
  return {
    ...common,
    type: scale === 'log' ? 'log' : 'value',
    min: Math.min(...xs),
    max: Math.max(...xs),
    axisLabel: { ...TEXT, formatter: countText, customValues: xs },
    axisTick: { customValues: xs },
    splitLine: { show: false },
  };
}

function yAxisOf(plot: Plot): object {
  const { label, scale } = plot.y;
  const common = {
    name: label,
    nameLocation: 'middle',
    nameGap: 56,
    nameTextStyle: TEXT,
    splitLine: { lineStyle: { color: '#e4e4e4' } },
  };
  if (scale !== 'log') {
    return {
      ...common,
      type: 'value',
      min: 0,
      boundaryGap: [0, hasBars(plot) ? HEADROOM - 1 : 0],
      axisLabel: { ...TEXT, formatter: axisText },
    };
  }
  const { min, max, labels } = yTicks(plot);
  return {
    ...common,
    type: 'log',
    min,
    max,
    // Bars would begin at 1.
    startValue: min,
    axisLabel: { ...TEXT, formatter: axisText, customValues: labels },
    axisTick: { customValues: labels },
  };
}

function yTicks({ series, ...plot }: Plot): ReturnType<typeof logTicks> {
  const points = series.flatMap((one) => one.points);
  const lows = points.map(({ low }) => low).filter((low) => low > 0);
  const highest = Math.max(...points.map(({ high }) => high));
  const headroom = hasBars({ series, ...plot }) ? HEADROOM ** 2 : 1;
  return logTicks(Math.min(...lows), highest * headroom);
}

function leastOf(plot: Plot): number {
  return plot.y.scale === 'log' ? yTicks(plot).min : 0;
}

function xOf({ x: { scale } }: Plot): (point: Point) => number | string {
  return ({ x }) => (scale === 'category' ? String(x) : Number(x));
}

function linesOf(
  plot: Plot,
  { name, points }: Series,
  { color, isDashed }: SeriesStyle,
  index: number,
): object[] {
  const at = xOf(plot);
  return [
    {
      type: 'line',
      name,
      color,
      symbol: isDashed ? 'emptyCircle' : 'circle',
      symbolSize: points.length === 1 ? 11 : 6,
      lineStyle: { width: 2, type: isDashed ? 'dashed' : 'solid' },
      data: points.map((point) => [at(point), point.y]),
    },
    errorBars(points, at, {
      color,
      shift: (index - (plot.series.length - 1) / 2) * ERROR_SHIFT,
      least: leastOf(plot),
      text: undefined,
      font: `11px ${FONT}`,
    }),
  ];
}

function barsOf(
  plot: Plot,
  { name, points }: Series,
  { color }: SeriesStyle,
  index: number,
): object[] {
  const { length } = plot.series;
  const place = (WIDTH - LEFT - RIGHT) / categoriesOf(plot).length;
  const width = Math.min(MOST_BAR, (place * 0.7) / length);
  const at = xOf(plot);
  return [
    {
      type: 'bar',
      name,
      color,
      barWidth: width,
      barGap: '0%',
      data: points.map((point) => [at(point), point.y]),
    },
    errorBars(points, at, {
      color: '#222',
      shift: (index - (length - 1) / 2) * width,
      least: leastOf(plot),
      text: ({ y }) => axisText(y),
      font: `11px ${FONT}`,
    }),
  ];
}
