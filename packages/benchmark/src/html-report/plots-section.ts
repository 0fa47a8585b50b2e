import type { Axis, Plot } from '../bench-document.ts';
import { escapeHtml } from './escape-html.ts';
import { formatNumber } from './format-number.ts';

/** A canvas for each plot, which the report's script draws by its place among them, and its numbers as a table. */
export function plotsSection(plots: readonly Plot[]): string {
  if (plots.length === 0) return '';
  const figures = plots.map(
    (plot) =>
      `<figure id="${escapeHtml(plot.id)}"><figcaption>${escapeHtml(plot.title)}<small><code>${escapeHtml(plot.id)}</code></small></figcaption><div class="canvas"><canvas role="img" aria-label="${escapeHtml(plot.title)}"></canvas></div>${numbers(plot)}</figure>`,
  );
  return `<section><h2 id="plots">Plots</h2><noscript><p>The plots need scripts, which this browser does not run; their numbers are in the tables.</p></noscript><div class="plots">${figures.join('')}</div></section>`;
}

function numbers({ x, y, series }: Plot): string {
  const rows = series.flatMap(({ name, points }) =>
    points.map(
      (point) =>
        `<tr><td>${escapeHtml(name)}</td><td class="number">${xText(x, point.x)}</td><td class="number">${formatNumber(point.y)}</td><td class="number">${formatNumber(point.low)} – ${formatNumber(point.high)}</td></tr>`,
    ),
  );
  return `<details><summary>Numbers</summary><table><thead><tr><th scope="col">series</th><th scope="col" class="number">${escapeHtml(x.label)}</th><th scope="col" class="number">${escapeHtml(y.label)}</th><th scope="col" class="number">rounds</th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
}

function xText({ scale }: Axis, x: number | string): string {
  return typeof x === 'number' && scale !== 'category' ? formatNumber(x) : escapeHtml(String(x));
}
