import type { Series } from '@sockflow/benchmark';

/** Apart also for who does not see all colours (Okabe and Ito). */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'];
const PEER = /^C: /;
const NAIVE = /^naive\b/;

export interface SeriesStyle {
  readonly color: string;
  readonly isDashed: boolean;
}

/** A peer's series, `C: …`, has the colour of ours of that name, and dashes. */
export function stylesOf(series: readonly Series[]): readonly SeriesStyle[] {
  const colorOf = new Map<string, string>();
  return series.map(({ name }) => {
    const own = name.replace(PEER, '');
    const color = colorOf.get(own) ?? COLORS[colorOf.size % COLORS.length] ?? '#555555';
    colorOf.set(own, color);
    return { color, isDashed: PEER.test(name) || NAIVE.test(name) };
  });
}
