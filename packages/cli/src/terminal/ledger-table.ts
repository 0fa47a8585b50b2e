import type { LaneCounts, LedgerSnapshot, OutputCounts } from '@sockflow/core';

import { formatCount } from './format.ts';
import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'lane' },
  { heading: 'read', align: 'right' },
  { heading: 'skipped', align: 'right' },
  { heading: 'bad', align: 'right' },
  { heading: 'output' },
  { heading: 'filtered', align: 'right' },
  { heading: 'out', align: 'right' },
  { heading: 'sink', dropOrder: 1 },
  { heading: 'given', align: 'right', dropOrder: 2 },
  { heading: 'acked', align: 'right' },
  { heading: 'failed', align: 'right' },
];

/** More lanes than this are only summed up: a table that long is read by nobody. */
const MAX_LANES_SHOWN = 16;

/** The ledger as a table: a row for each lane, output and sink, and the sums where there are several lanes. */
export function ledgerTable(terminal: Terminal, ledger: LedgerSnapshot): string {
  const { lanes, total } = ledger;
  const shown = lanes.length > MAX_LANES_SHOWN ? [] : lanes;
  const rows = shown.flatMap((counts, lane) => laneRows(String(lane), counts));
  if (lanes.length > 1) rows.push(...laneRows(`all ${lanes.length}`, total));
  return renderTable(terminal, COLUMNS, rows);
}

function laneRows(lane: string, counts: LaneCounts): string[][] {
  const isOneOutput = counts.outputs.length === 1;
  const rows = counts.outputs.flatMap((output) => outputRows(output, isOneOutput));
  const head = [
    lane,
    formatCount(counts.read),
    formatCount(counts.skipped),
    formatCount(counts.bad),
  ];
  const blank = ['', '', '', ''];
  if (rows.length === 0) return [head];
  return rows.map((row, index) => [...(index === 0 ? head : blank), ...row]);
}

function outputRows(output: OutputCounts, isOneOutput: boolean): string[][] {
  const head = [
    isOneOutput ? '' : output.output,
    formatCount(output.filtered),
    formatCount(output.out),
  ];
  if (output.sinks.length === 0) return [head];
  return output.sinks.map((sink, index) => [
    ...(index === 0 ? head : ['', '', '']),
    sink.sink,
    formatCount(sink.given),
    formatCount(sink.acknowledged),
    formatCount(sink.failed),
  ]);
}
