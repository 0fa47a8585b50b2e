import {
  type BenchDocument,
  type CaseResult,
  readableUnit,
  smokeNotice,
} from '@sockflow/benchmark';

import { formatBytes, formatCount, formatShort } from '../terminal/format.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'what' },
  { heading: 'events/s', align: 'right' },
  { heading: 'ratio', align: 'right' },
  { heading: 'interval', align: 'right' },
];
/* What an interval is to hold the median with: it does from six rounds on. */
const LEAST_COVERAGE = 0.95;

type TableTerminal = Pick<Terminal, 'colors' | 'columns'>;

/** The rows of one subject for people: how fast it is, beside what; then more lanes, and what an event costs. */
export function benchText(terminal: TableTerminal, document: BenchDocument, name: string): string {
  const { results } = document;
  const compared = results.filter(({ ratio }) => ratio !== undefined);
  const lanes = compared.filter((row) => isOfLanes(row));
  const beside = compared.filter((row) => !isOfLanes(row));
  const smoke = smokeNotice(document);
  return [
    ...besideBlock(terminal, beside, name),
    ...(lanes.length === 0 ? [] : lanesBlock(terminal, lanes)),
    ...coverageNote(compared),
    '',
    ...costLines(results),
    ...(smoke === undefined ? [] : [`  ${terminal.colors.yellow(smoke)}`]),
  ].join('\n');
}

/** One row by itself, for a log. */
export function rowText(row: CaseResult): string {
  const [ratio = '', interval = ''] = ratioCells(row);
  return `${row.id}: ${ratio}${interval === '' ? '' : `, ${interval}`}`;
}

function besideBlock(
  terminal: TableTerminal,
  rows: readonly CaseResult[],
  name: string,
): readonly string[] {
  const [first] = rows;
  if (first === undefined) return [];
  return [
    renderTable(terminal, COLUMNS, [
      [`${name}, one lane`, formatShort(first.value), '', ''],
      ...rows.map(baselineRow),
    ]),
    `  a ratio above 1: ${name} in one lane is faster than what stands there; below 1: slower`,
  ];
}

function lanesBlock(terminal: TableTerminal, rows: readonly CaseResult[]): readonly string[] {
  return [
    '',
    renderTable(terminal, COLUMNS, rows.map(lanesRow)),
    '  a ratio above 1: faster than one lane, in turns with it',
  ];
}

function coverageNote(rows: readonly CaseResult[]): readonly string[] {
  return rows.some(isUncertain)
    ? ['  in brackets: how probably the interval holds the median, with so few rounds']
    : [];
}

function isUncertain({ interval, rounds }: CaseResult): boolean {
  return rounds > 1 && interval !== undefined && interval.coverage < LEAST_COVERAGE;
}

function isOfLanes({ id }: CaseResult): boolean {
  return id.endsWith('/1-lane');
}

/** `-2-lanes/1-lane` at the end of its id. */
function lanesRow(row: CaseResult): string[] {
  const lanes = /-(\d+)-lanes\/1-lane$/.exec(row.id)?.[1] ?? '';
  return [`${lanes} lanes`, formatShort(row.value), ...ratioCells(row)];
}

function baselineRow(row: CaseResult): string[] {
  const label = row.kind === 'naive' ? ' (naive)' : '';
  return [`${row.baseline ?? ''}${label}`, formatShort(row.baselineValue ?? 0), ...ratioCells(row)];
}

/** One round has no interval. */
function ratioCells(row: CaseResult): string[] {
  const { ratio = 0, interval, rounds } = row;
  const shown = `${digits(ratio)}x`;
  if (interval === undefined || rounds === 1) return [shown, ''];
  const { low, high, coverage } = interval;
  const certainty = isUncertain(row) ? ` (${(coverage * 100).toFixed(0)} %)` : '';
  return [shown, `${digits(low)} – ${digits(high)}${certainty}`];
}

function digits(ratio: number): string {
  return ratio >= 1000 ? formatShort(ratio) : ratio.toPrecision(3);
}

function costLines(results: readonly CaseResult[]): string[] {
  const find = (name: string): CaseResult | undefined =>
    results.find(({ id, ratio }) => ratio === undefined && id.endsWith(`/${name}`));
  const [cpu, allocated, collecting, delivered] = [
    'cpu',
    'allocated',
    'collecting',
    'delivered',
  ].map(find);
  const [read, fields] = ['read', 'fields'].map((name) =>
    results.find(({ id, ratio }) => ratio !== undefined && id.endsWith(`/${name}`)),
  );
  const lines = [
    `  an event costs ${timeText(cpu)} of CPU in one lane and ${bytesText(allocated)} of heap; garbage is collected ${figureText(collecting)} % of the time; a pass delivers ${formatCount(delivered?.value ?? 0)} events or values`,
  ];
  const shares = [
    shareText('only reading', read),
    shareText('reading six fields of each event', fields),
  ].filter((text) => text !== undefined);
  if (shares.length > 0) lines.push(`  of its time in one lane ${shares.join('; ')}`);
  return lines;
}

/** Nothing where the run does not tell that it takes less: such a share would be none. */
function shareText(what: string, row: CaseResult | undefined): string | undefined {
  const { ratio = 1, interval, rounds = 1 } = row ?? {};
  const isOpen = rounds > 1 && interval !== undefined && interval.low <= 1 && interval.high >= 1;
  if (ratio >= 1 || isOpen) return undefined;
  return `${what} would take ${(ratio * 100).toFixed(0)} %`;
}

function timeText(row: CaseResult | undefined): string {
  const value = row?.value ?? 0;
  const { unit, divisor } = readableUnit(value, 'ns');
  return `${Number((value / divisor).toPrecision(3))} ${unit}`;
}

function bytesText(row: CaseResult | undefined): string {
  const value = row?.value ?? 0;
  return value >= 1024 ? formatBytes(value) : `${Number(value.toPrecision(3))} B`;
}

function figureText(row: CaseResult | undefined): string {
  return Number((row?.value ?? 0).toPrecision(3)).toString();
}
