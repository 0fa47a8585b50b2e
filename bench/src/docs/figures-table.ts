import { type CaseResult, shortNumber } from '@sockflow/benchmark';

const HEAD = [
  '| case | against | ours | theirs | ratio | interval | asked |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
];

/** Rows of a benchmark document as a table in Markdown: those whose ids begin with one of the prefixes, in the order of the document. */
export function figuresTable(results: readonly CaseResult[], prefixes: readonly string[]): string {
  const rows = results.filter(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)));
  if (rows.length === 0) throw new Error(`no row begins with ${prefixes.join(' or ')}`);
  return [...HEAD, ...rows.map(tableRow)].join('\n');
}

function tableRow(row: CaseResult): string {
  const { kind, baseline, baselineValue, ratio, interval, budget, pass, unit } = row;
  const isNaive = kind === 'naive';
  const ends = interval && [interval.low, interval.high];
  const shown = ratio?.toFixed(2) ?? '';
  const cells = [
    `\`${row.id}\``,
    `${baseline ?? ''}${isNaive ? ' (naive)' : ''}`,
    `${shortNumber(row.value)} ${unit}`,
    baselineValue === undefined ? '' : shortNumber(baselineValue),
    isNaive && shown !== '' ? `(${shown})` : shown,
    ends?.map((end) => (ratio === undefined ? shortNumber(end) : end.toFixed(2))).join('–') ?? '',
    budget === undefined ? '' : `${budget}${pass === false ? ', missed' : ''}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
