import type { BenchDocument, CaseResult } from '@sockflow/benchmark';

import { formatCount, formatShort } from '../terminal/format.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'what' },
  { heading: 'events/s', align: 'right' },
  { heading: 'ratio', align: 'right' },
  { heading: 'interval', align: 'right' },
  { heading: 'of', dropOrder: 1 },
];

/** The rows of one subject for people: how fast it is, beside what; then what an event costs. */
export function benchText(
  terminal: Pick<Terminal, 'colors' | 'columns'>,
  { results }: BenchDocument,
  name: string,
): string {
  const compared = results.filter(({ ratio }) => ratio !== undefined);
  const [first] = compared;
  const rows = [
    ...(first === undefined ? [] : [[`${name}, one lane`, formatShort(first.value), '', '', '']]),
    ...compared.filter((row) => isOfLanes(row)).map((row) => lanesRow(row, name)),
    ...compared.filter((row) => !isOfLanes(row)).map((row) => baselineRow(row, name)),
  ];
  return [renderTable(terminal, COLUMNS, rows), '', ...costLines(results)].join('\n');
}

function isOfLanes({ id }: CaseResult): boolean {
  return id.endsWith('/1-lane');
}

/** `-2-lanes/1-lane` at the end of its id. */
function lanesRow(row: CaseResult, name: string): string[] {
  const lanes = /-(\d+)-lanes\/1-lane$/.exec(row.id)?.[1] ?? '';
  return [`${name}, ${lanes} lanes`, formatShort(row.value), ...ratioCells(row), 'of one lane'];
}

function baselineRow(row: CaseResult, name: string): string[] {
  const label = row.kind === 'naive' ? ' (naive)' : '';
  return [
    `${row.baseline ?? ''}${label}`,
    formatShort(row.baselineValue ?? 0),
    ...ratioCells(row),
    `${name} beside it`,
  ];
}

function ratioCells({ ratio = 0, interval }: CaseResult): string[] {
  const range = interval === undefined ? '' : `${digits(interval.low)} – ${digits(interval.high)}`;
  return [`${digits(ratio)}x`, range];
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
  const share = (row: CaseResult | undefined): string =>
    `${((row?.ratio ?? 0) * 100).toFixed(0)} %`;
  const lines = [
    `  an event costs ${figureText(cpu)} ns of CPU in one lane and ${figureText(allocated)} B of heap; garbage is collected ${figureText(collecting)} % of the time; a pass delivers ${formatCount(delivered?.value ?? 0)} events or values`,
  ];
  if (read !== undefined) {
    const ofFields =
      fields === undefined ? '' : `; reading six fields of each event would take ${share(fields)}`;
    lines.push(`  of its time in one lane only reading would take ${share(read)}${ofFields}`);
  }
  return lines;
}

function figureText(row: CaseResult | undefined): string {
  const value = row?.value ?? 0;
  return value >= 1000 ? formatShort(value) : Number(value.toPrecision(3)).toString();
}
