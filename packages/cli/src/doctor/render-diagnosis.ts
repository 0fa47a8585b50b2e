import type { Ability, Check, Diagnosis, Severity } from '@sockflow/source-bpf';

import { formatAmount } from '../terminal/format.ts';
import type { Colors, Terminal } from '../terminal/terminal.ts';
import { wrapText } from '../terminal/wrap-text.ts';

const SEVERITY_COLUMNS = 9;
const GAP = '  ';
const HELPER_PREFIX = 'helper.';

/** What doctor found, for people: every check, what works here, and the answer in the last line. */
export function renderDiagnosis(terminal: Terminal, diagnosis: Diagnosis): string {
  const { colors } = terminal;
  return [
    ...checkLines(terminal, inShort(diagnosis.checks)),
    '',
    colors.bold('What works here'),
    ...diagnosis.abilities.map((ability) => abilityLine(colors, ability)),
    '',
    answer(colors, diagnosis),
  ].join('\n');
}

/** Helpers that work are one line together: there are many, and nobody looks for them. */
function inShort(checks: readonly Check[]): Check[] {
  const isHelper = ({ id }: Check): boolean => id.startsWith(HELPER_PREFIX);
  const working = checks.filter((check) => isHelper(check) && check.severity === 'ok');
  const first = working[0];
  if (first === undefined) return [...checks];
  const all = checks.filter(isHelper).length;
  return checks.flatMap((check) => {
    if (!working.includes(check)) return [check];
    if (check !== first) return [];
    return [{ id: `${HELPER_PREFIX}*`, severity: 'ok', found: `${working.length} of ${all} work` }];
  });
}

function checkLines(terminal: Terminal, checks: readonly Check[]): string[] {
  const { colors, columns } = terminal;
  const idColumns = Math.max(...checks.map(({ id }) => id.length)) + GAP.length;
  const indent = SEVERITY_COLUMNS + idColumns;
  const lines: string[] = [];
  for (const { severity, id, found, remedy } of checks) {
    const tint = tintOf(colors, severity);
    const [first = '', ...more] = wrapText(found, columns - indent - 1);
    lines.push(`${tint(severity.padEnd(SEVERITY_COLUMNS))}${id.padEnd(idColumns)}${first}`);
    for (const line of more) lines.push(' '.repeat(indent) + line);
    if (remedy === undefined) continue;
    const remedyLines = wrapText(remedy, columns - indent - 3);
    lines.push(
      ...remedyLines.map(
        (line, index) => `${' '.repeat(indent)}${index === 0 ? tint('→ ') : GAP}${line}`,
      ),
    );
  }
  return lines;
}

function abilityLine(colors: Colors, { works, says, needs }: Ability): string {
  if (works) return `${colors.green('yes')}  ${says}`;
  return `${colors.yellow('no')}   ${says}${colors.dim(needs === undefined ? '' : `; needs ${needs}`)}`;
}

function answer(colors: Colors, { canCapture, tier, kernelRelease, checks }: Diagnosis): string {
  const told = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = checks.filter((check) => check.severity === severity).length;
    return count === 0 ? [] : [formatAmount(count, severity)];
  });
  const counted = told.length === 0 ? 'nothing to note' : told.join(', ');
  const says = canCapture
    ? colors.green('Live capture works here')
    : colors.red('Live capture does not work here');
  return `${colors.bold(says)}: ${kernelRelease} is ${tier.id}; ${counted}`;
}

function tintOf(colors: Colors, severity: Severity): (text: string) => string {
  switch (severity) {
    case 'ok':
      return colors.green;
    case 'note':
      return colors.cyan;
    case 'warning':
      return colors.yellow;
    case 'error':
      return colors.red;
  }
}
