import { RULES, type ValidationReport } from '@sockflow/source-replay/validate';
import { type FormatFinding, INVARIANTS, type VerifyReport } from '@sockflow/source-replay/verify';

import { formatAmount, formatBytes, formatCount } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What was verified and found, for people: a line each part, then the findings by what they break. */
export function renderVerification(
  { colors }: Terminal,
  format: VerifyReport,
  events: ValidationReport | undefined,
): string {
  const lines: string[] = [];
  for (const part of format.parts) {
    const state = part.findings === 0 ? colors.green('ok') : colors.red('damaged');
    const unread = part.blocks - part.blocksRead;
    lines.push(
      `${state}  ${part.path}  ${formatBytes(part.sizeBytes)} · ${formatAmount(part.frames, 'frame')} · ${formatAmount(part.blocks, 'block')} · ${formatAmount(part.events, 'event')} · ${formatAmount(part.markers, 'marker')}${part.isClosed ? '' : ' · not closed'}${unread === 0 ? '' : ` · ${formatAmount(unread, 'block')} not looked into`}`,
    );
  }
  lines.push(
    ...byRule(format.findings.map(formatLine), format.countsByInvariant, INVARIANTS, colors.bold),
  );
  if (events !== undefined) lines.push(...eventLines(events, colors));
  return lines.join('\n');
}

interface FoundLine {
  readonly rule: string;
  readonly text: string;
}

function formatLine(finding: FormatFinding): FoundLine {
  const { invariant, path, frame, place, offset, expected, found } = finding;
  const numbered = frame === undefined ? place : `${place}, frame ${frame}`;
  return {
    rule: invariant,
    text: `${path}, byte ${offset} (${numbered}): expected ${expected}, found ${found}`,
  };
}

/** Each rule once, with its count, and beneath it what was kept of its findings. */
function byRule(
  found: readonly FoundLine[],
  counts: Readonly<Record<string, number | undefined>>,
  texts: Readonly<Record<string, string>>,
  bold: (text: string) => string,
): string[] {
  return Object.entries(counts).flatMap(([rule, count = 0]) => {
    const own = found.filter((line) => line.rule === rule);
    const rest = count - own.length;
    return [
      `${bold(rule)}  ${texts[rule]}: broken ${formatAmount(count, 'time')}`,
      ...own.map(({ text }) => `    ${text}`),
      ...(rest > 0 ? [`    … ${formatCount(rest)} more`] : []),
    ];
  });
}

function eventLines(report: ValidationReport, colors: Terminal['colors']): string[] {
  const { events, sockets, violationCount, violations, countsByRule } = report;
  const state = violationCount === 0 ? colors.green('ok') : colors.red('wrong');
  const found = violations.map(
    ({ rule, eventIndex, op, netnsCookie, cookie, expected, found: what }): FoundLine => ({
      rule,
      text: `event ${eventIndex} (${op}, connection ${netnsCookie}:${cookie}): expected ${expected}, found ${what}`,
    }),
  );
  return [
    `${state}  ${formatAmount(events, 'event')} of ${formatAmount(sockets, 'socket')} against the rules V1 to V31: ${formatAmount(violationCount, 'violation')}`,
    ...byRule(found, countsByRule, RULES, colors.bold),
  ];
}
