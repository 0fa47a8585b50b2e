import type { Point } from '@sockflow/benchmark';

export interface ErrorBarsOptions {
  readonly color: string;
  /** Beside the point, px: so that those of several series do not hide one another. */
  readonly shift: number;
  /** Where the axis begins. */
  readonly least: number;
  /** Written above each, or not. */
  readonly text: ((point: Point) => string) | undefined;
  readonly font: string;
}

/** What echarts gives to one who draws a point himself. */
interface Drawing {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly number[];
}

const CAP = 3.5;

/** A series of bars from the lowest to the highest of the rounds. */
export function errorBars(
  points: readonly Point[],
  xOf: (point: Point) => number | string,
  options: ErrorBarsOptions,
): object {
  const { color, shift, least, text, font } = options;
  const line = (x1: number, y1: number, x2: number, y2: number): object => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style: { stroke: color, lineWidth: 1.1, opacity: 0.7 },
  });
  return {
    type: 'custom',
    silent: true,
    z: 4,
    data: points.map((point) => [xOf(point), point.low, point.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: ({ dataIndex }: { readonly dataIndex: number }, api: Drawing) => {
      const [x = 0, low = 0] = api.coord([api.value(0), Math.max(api.value(1), least)]);
      const [, high = 0] = api.coord([api.value(0), Math.max(api.value(2), least)]);
      const at = x + shift;
      const children: object[] = [];
      if (low !== high) {
        children.push(line(at, low, at, high));
        for (const end of [low, high]) children.push(line(at - CAP, end, at + CAP, end));
      }
      if (text !== undefined) {
        children.push({
          type: 'text',
          x: at,
          y: high - 4,
          style: {
            text: text(points[dataIndex] as Point),
            align: 'center',
            verticalAlign: 'bottom',
            fill: '#333',
            font,
          },
        });
      }
      return { type: 'group', children };
    },
  };
}
