import type { PlanExplanation } from '../operators/plan/explain-plan.ts';
import type { OutputExplanation, PipelineExplanation } from './explain-pipeline.ts';

/** An explanation as lines of text, for people. */
export function renderExplanation(explanation: PipelineExplanation): string {
  const { source, reportedOps, outputs, pushDown, delivery, warnings } = explanation;
  const ops = reportedOps === undefined ? 'whatever is there' : reportedOps.join(', ');
  const lines = [
    `source  ${source}`,
    `  reports   ${ops}`,
    `  push-down ${pushDown}`,
    ...outputs.flatMap((output) => ['', ...outputLines(output)]),
    '',
    'delivery',
    ...delivery.map((text) => `  ${text}`),
  ];
  if (warnings.length > 0) lines.push('', 'warnings', ...warnings.map((text) => `  ${text}`));
  return `${lines.join('\n')}\n`;
}

function outputLines({
  name,
  sinks,
  subscriptions,
  hasPlainOperators,
}: OutputExplanation): string[] {
  const lines = [`output  ${name}`];
  for (const [index, subscription] of subscriptions.entries()) {
    if (subscriptions.length > 1) lines.push(`  subscription ${index + 1}`);
    lines.push(...planLines(subscription));
  }
  if (hasPlainOperators) lines.push('  plain     RxJS operators behind, as they are');
  const targets = sinks.length === 0 ? 'none' : sinks.join(', ');
  return [...lines, `  sinks     ${targets}`];
}

function planLines({ filters, runs }: PlanExplanation): string[] {
  return runs.flatMap(({ run, text }) => [
    `  fused     ${text}`,
    ...filters
      .filter((filter) => filter.run === run)
      .map(({ filter, inSource }) =>
        inSource === undefined ? `    ${filter}` : `    ${filter}  (source: ${inSource})`,
      ),
  ]);
}
