import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { EVIL, PLOTS, testDocument } from './document.test.support.ts';
import { htmlReport } from './html-report.ts';

const CHROMIUM_TIMEOUT_MS = 60_000;

/** What stands in elements of a name. */
function contentsOf(html: string, element: string): string[] {
  const pattern = new RegExp(`<${element}(?:\\s[^>]*)?>([\\s\\S]*?)</${element}>`, 'g');
  return [...html.matchAll(pattern)].map(([, content]) => content ?? '');
}

function placeOf(html: string, text: string): number {
  const place = html.indexOf(text);
  assert.notEqual(place, -1, text);
  return place;
}

test('names every result, plot and what was left out, with its reason', () => {
  const document = testDocument();
  const html = htmlReport(document);
  for (const { id } of document.results) placeOf(html, `<tr id="${id}"`);
  for (const { id, title } of PLOTS) {
    placeOf(html, `<figure id="${id}"`);
    placeOf(html, title);
  }
  placeOf(html, 'go is not installed');
  for (const fact of ['a processor, 2 cores', 'L1d 32 KiB', '6.18', 'v20.19.0', '12.2'])
    placeOf(html, fact);
});

test('asks for nothing outside of itself, and its policy allows what stands in it only', () => {
  const html = htmlReport(testDocument());
  const page = html.replaceAll(/<script[\s\S]*?<\/script>/g, '');
  assert.deepEqual(page.match(/\b(?:src|srcset|href|action|data)\s*=\s*["'](?!#).{0,80}/g), null);
  assert.deepEqual(page.match(/@import|url\(/g), null);
  assert.deepEqual(page.match(/<(?:link|iframe|img|object|embed|base)\b/g), null);
  const policy = /content="(default-src[^"]*)"/.exec(html)?.[1] ?? '';
  assert.match(policy, /^default-src 'none'/);
  const [data, ...scripts] = contentsOf(html, 'script');
  assert.deepEqual(JSON.parse(data ?? ''), structuredClone(PLOTS));
  assert.equal(scripts.length, 2);
  for (const text of [...scripts, ...contentsOf(html, 'style')]) {
    const hash = createHash('sha256').update(text).digest('base64');
    assert.ok(policy.includes(`'sha256-${hash}'`), `${text.slice(0, 80)} is not allowed`);
  }
});

test('keeps the notice of the licence of the library in it', () => {
  assert.match(
    htmlReport(testDocument()),
    /Chart\.js v4[\s\S]{1,120}Released under the MIT License/,
  );
});

test('shows names as text, whatever they hold', () => {
  const [row] = testDocument().results;
  assert.ok(row !== undefined);
  const html = htmlReport(
    testDocument({
      results: [{ ...row, id: `x/${EVIL}`, reads: EVIL, baseline: EVIL, unit: EVIL }],
      plots: PLOTS.map((plot) => ({
        ...plot,
        id: EVIL,
        title: EVIL,
        x: { ...plot.x, label: EVIL },
      })),
      leftOut: [{ id: EVIL, reason: EVIL }],
      settings: { [EVIL]: EVIL },
      version: EVIL,
    }),
  );
  assert.equal(html.match(/<script/g)?.length, 3);
  assert.equal(html.match(/<\/script/g)?.length, 3);
  assert.doesNotMatch(html, /<img/);
  assert.doesNotMatch(html.replaceAll(/<script[\s\S]*?<\/script>/g, ''), /["\s]onerror="/);
});

test('tells an invalid run and why before anything else', () => {
  const reason = 'filter: other processes took 31 %';
  const load = { ...testDocument().load, isValid: false, reasons: [reason] };
  const html = htmlReport(testDocument({ load }));
  const place = placeOf(html, 'class="invalid" role="alert"');
  assert.ok(place < placeOf(html, reason));
  assert.ok(placeOf(html, reason) < placeOf(html, '<table'));
  assert.doesNotMatch(htmlReport(testDocument()), /role="alert"/);
});

test('labels naive ways and has them below the others of their suite', () => {
  const html = htmlReport(testDocument());
  const naive = placeOf(html, '<tr id="filter/generated/op/naive" class="naive"');
  assert.ok(naive > placeOf(html, '<tr id="filter/generated/op/rust"'));
  assert.match(html.slice(naive, html.indexOf('</tr>', naive)), /<span class="label">naive</);
});

test('says which budgets were met and missed', () => {
  const html = htmlReport(testDocument());
  assert.match(html, /<span>2 of 4 budgets met, 1 open, 1 missed</);
  assert.match(html, /class="missed"[\s\S]*?✗ missed<\/span><small>at least 0\.9×/);
  assert.match(html, /\? open: the interval holds it<\/span><small>at most 2</);
  assert.match(html, /✓ met<\/span><small>at least 0\.9×</);
  const load = { ...testDocument().load, isValid: false };
  const invalid = htmlReport(testDocument({ load }));
  assert.doesNotMatch(invalid, /✓ met|budgets met/);
  assert.match(invalid, /not judged: an invalid run<\/span><small>at least 0\.9×/);
  const results = testDocument().results.map((row) => ({
    ...row,
    budget: undefined,
    pass: undefined,
  }));
  assert.doesNotMatch(htmlReport(testDocument({ results })), /budgets/);
});

test('a run of few rounds is marked, and one round has no interval', () => {
  const results = testDocument().results.map((row) => ({ ...row, rounds: 1 }));
  const html = htmlReport(testDocument({ results, settings: { rounds: 1 } }));
  const banner = placeOf(html, 'This is a smoke run of 1 round: not to be quoted.');
  assert.ok(banner < placeOf(html, '<table'));
  assert.doesNotMatch(html, /class="range"|class="cap"| from 0\.|1 rounds/);
  assert.doesNotMatch(htmlReport(testDocument()), /a smoke run/);
});

test('says a long time in a larger unit, and what all rows read once', () => {
  const [, row] = testDocument().results;
  assert.ok(row !== undefined);
  const cost = { ...row, id: 'cost/x/a', value: 1380, unit: 'ns/event', baselineValue: 2760 };
  const html = htmlReport(
    testDocument({ results: [cost, { ...cost, id: 'cost/x/b' }], plots: [] }),
  );
  assert.match(html, /1\.38<small>µs\/event<\/small><\/td><td class="number">2\.76</);
  assert.equal(html.match(/Each row: op\./g)?.length, 1);
  assert.doesNotMatch(html, /<small>op</);
});

test('draws ratios on one logarithmic axis, with the interval around the mark and the line at 1', () => {
  const html = htmlReport(testDocument());
  const start = placeOf(html, '<tr id="filter/generated/op/c"');
  const row = html.slice(start, html.indexOf('</tr>', start));
  const number = (pattern: RegExp): number => Number(pattern.exec(row)?.[1]);
  const one = number(/class="one" x1="([\d.]+)"/);
  const [low, mark] = [number(/<line x1="([\d.]+)"/), number(/<circle cx="([\d.]+)"/)];
  const high = number(/<line x1="[\d.]+" y1="13" x2="([\d.]+)"/);
  assert.ok(low < mark && mark < high && high < one, `${low} ${mark} ${high} ${one}`);
});

test('needs no scripts where it has no plots', () => {
  assert.doesNotMatch(htmlReport(testDocument({ plots: [] })), /<script/);
});

test('opens in a browser from a disk: every plot is drawn, in names nothing is run', (t) => {
  if (!requireTool(t, 'chromium')) return;
  const folder = useTempDir(t);
  const path = join(folder, 'report.html');
  const evil = PLOTS.map((plot) => ({ ...plot, title: EVIL }));
  writeFileSync(
    path,
    htmlReport(testDocument({ plots: evil, leftOut: [{ id: EVIL, reason: EVIL }] })),
  );
  const child = spawnSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'profile')}`,
      '--enable-logging=stderr',
      '--dump-dom',
      pathToFileURL(path).href,
    ],
    { encoding: 'utf8', timeout: CHROMIUM_TIMEOUT_MS },
  );
  assert.equal(child.status, 0, child.stderr);
  const drawn = [...child.stdout.matchAll(/<canvas[^>]*data-drawn="(\d+)"/g)];
  assert.equal(drawn.length, PLOTS.length, child.stderr);
  assert.doesNotMatch(child.stderr, /CONSOLE/, 'neither errors nor refusals');
  assert.doesNotMatch(child.stdout, /<img/);
});
