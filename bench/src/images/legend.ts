import type { Series } from '@sockflow/benchmark';

const ROW = 20;
/** Of the text, about: no font is measured here. */
const LETTER = 7.3;
const ICON = 30;
const GAP = 18;

interface Place {
  readonly name: string;
  readonly left: number;
  readonly top: number;
}

/** Where each name goes: in rows, from the left. */
export function placeLegend(
  series: readonly Series[],
  { left, right, top }: { readonly left: number; readonly right: number; readonly top: number },
): { readonly places: readonly Place[]; readonly bottom: number } {
  let at = left;
  let row = top;
  const places = series.map(({ name }): Place => {
    const width = ICON + name.length * LETTER;
    if (at > left && at + width > right) {
      at = left;
      row += ROW;
    }
    const place = { name, left: at, top: row };
    at += width + GAP;
    return place;
  });
  return { places, bottom: row + ROW };
}
