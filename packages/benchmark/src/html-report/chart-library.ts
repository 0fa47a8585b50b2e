import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/* The file for a script element, which the package's `exports` do not name: it lies beside the one that they do. */
const BROWSER_FILE = 'chart.umd.min.js';

/**
 * Chart.js as a script that defines `Chart`, with its licence's notice at the top.
 *
 * Why not uPlot, a quarter of its size: it has no axis of categories, no tooltips and no markers told apart by shape.
 */
export function chartLibrary(): string {
  const main = createRequire(import.meta.url).resolve('chart.js');
  const text = readFileSync(join(dirname(main), BROWSER_FILE), 'utf8');
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}
