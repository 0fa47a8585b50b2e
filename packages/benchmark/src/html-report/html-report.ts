/*
 * The HTML report: one file that opens without a network, from a disk too. A policy in its head allows the two scripts and the style that were written here, by their hashes, and nothing else:
 * no request, and no script that came in by a name.
 */
import { createHash } from 'node:crypto';

import type { BenchDocument } from '../bench-document.ts';
import type { CaseResult } from '../case-result.ts';
import { chartLibrary } from './chart-library.ts';
import { leftOutSection, readingSection } from './closing-sections.ts';
import { escapeHtml } from './escape-html.ts';
import { headSection } from './head-section.ts';
import { plotsSection } from './plots-section.ts';
import { ratioAxis } from './ratio-axis.ts';
import { REPORT_SCRIPT } from './report-script.ts';
import { REPORT_STYLE } from './report-style.ts';
import { resultsSection } from './results-section.ts';
import { scriptJson } from './script-json.ts';

/** A document of benchmarks as a page for people: complete in itself, readable on paper and without scripts. */
export function htmlReport(document: BenchDocument): string {
  const { plots, results, leftOut, load } = document;
  const suites = bySuite(results);
  const axis = ratioAxis(results);
  const scripts = plots.length === 0 ? [] : [chartLibrary(), REPORT_SCRIPT];
  const parts = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${policy(scripts)}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>Sockflow benchmarks, ${escapeHtml(document.startedAt.slice(0, 10))}</title>`,
    `<style>${REPORT_STYLE}</style></head><body>`,
    headSection(document),
    navigation([...suites.keys()], plots.length > 0, leftOut.length > 0),
    '<main>',
    ...[...suites].map(([suite, rows]) =>
      resultsSection(suite, rows, { axis, isInvalid: load.isValid === false }),
    ),
    plotsSection(plots),
    leftOutSection(leftOut),
    readingSection(),
    '</main>',
    plots.length === 0
      ? ''
      : `<script type="application/json" id="plot-data">${scriptJson(plots)}</script>`,
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body></html>\n',
  ];
  return parts.join('\n');
}

function bySuite(results: readonly CaseResult[]): Map<string, CaseResult[]> {
  const suites = new Map<string, CaseResult[]>();
  for (const result of results) {
    const suite = result.id.split('/', 1)[0] ?? '';
    const rows = suites.get(suite) ?? [];
    rows.push(result);
    suites.set(suite, rows);
  }
  return suites;
}

function navigation(suites: readonly string[], hasPlots: boolean, hasLeftOut: boolean): string {
  const links = [
    ...suites.map((suite) => [`suite-${suite}`, suite] as const),
    ...(hasPlots ? ([['plots', 'plots']] as const) : []),
    ...(hasLeftOut ? ([['left-out', 'left out']] as const) : []),
    ['reading', 'how to read it'] as const,
  ];
  const anchors = links.map(
    ([id, text]) => `<a href="#${encodeURIComponent(id)}">${escapeHtml(text)}</a>`,
  );
  return `<nav>${anchors.join('')}</nav>`;
}

function policy(scripts: readonly string[]): string {
  const allowed = scripts.length === 0 ? "'none'" : scripts.map(hashSource).join(' ');
  return `default-src 'none'; script-src ${allowed}; style-src ${hashSource(REPORT_STYLE)}; base-uri 'none'; form-action 'none'`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
