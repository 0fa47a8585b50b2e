import type { OutputExplanation, PipelineExplanation, PlanExplanation } from '@sockflow/core';

import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrapText } from './wrap-text.ts';

const INDENT = 2;
const COLUMNS: readonly Column[] = [
  { heading: 'filter' },
  { heading: 'loop', align: 'right' },
  { heading: 'in the source' },
];

/** What runs where in a pipeline, for people. */
export function renderExplanation(terminal: Terminal, explanation: PipelineExplanation): string {
  const { colors } = terminal;
  const { source, reportedOps, pushDown, outputs, delivery } = explanation;
  const sections = [
    [
      `${colors.bold('Source')}  ${source}`,
      ...(reportedOps === undefined
        ? []
        : paragraph(terminal, `reports ${reportedOps.join(', ')}`)),
      ...paragraph(terminal, pushDown),
    ].join('\n'),
    ...outputs.map((output) => renderOutput(terminal, output)),
    [colors.bold('Delivery'), ...delivery.flatMap((text) => paragraph(terminal, text))].join('\n'),
  ];
  return sections.join('\n\n');
}

function renderOutput(terminal: Terminal, output: OutputExplanation): string {
  const { colors } = terminal;
  const { name, sinks, subscriptions, hasPlainOperators } = output;
  const target = sinks.length === 0 ? 'no sink' : sinks.join(', ');
  return [
    `${colors.bold('Output')}  ${name} → ${target}`,
    ...subscriptions.flatMap((subscription) => renderSubscription(terminal, subscription)),
    ...(hasPlainOperators
      ? paragraph(terminal, 'then operators of the pipeline that are not filters of ours')
      : []),
  ].join('\n');
}

function renderSubscription(terminal: Terminal, { filters, runs }: PlanExplanation): string[] {
  const rows = filters.map(({ filter, inSource, run }) => [
    filter,
    // Which loop is no question where there is one.
    runs.length > 1 ? String(run + 1) : '',
    inSource ?? '–',
  ]);
  return [
    ...(rows.length === 0 ? [] : [renderTable(terminal, COLUMNS, rows)]),
    ...runs.flatMap(({ run, text }) => paragraph(terminal, `loop ${run + 1}: ${text}`)),
  ];
}

function paragraph(terminal: Terminal, text: string): string[] {
  const lines = wrapText(text, terminal.columns - INDENT);
  return lines.map((line) => `${' '.repeat(INDENT)}${line}`);
}
