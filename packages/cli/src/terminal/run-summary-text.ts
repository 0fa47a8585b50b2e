import type {
  LedgerSnapshot,
  PaceReport,
  RunOutcome,
  RunSummary,
  SinkSummary,
} from '@sockflow/core';

import { formatAmount, formatBytes, formatCount, formatDurationUs, formatShort } from './format.ts';
import { ledgerTable } from './ledger-table.ts';
import { missedBy, sourceLedgerText } from './source-ledger-text.ts';
import type { Terminal } from './terminal.ts';

/** Below it a rate would tell of the start of threads. */
const MIN_RATE_MS = 2000;
/** What the console sink calls its place: it was seen, and need not be named. */
const STDOUT = 'standard output';

/** What there is to tell of a run: all of it, or only its ledger where it failed. */
export type SummarySubject =
  | (Omit<RunSummary, 'outcome'> & { readonly outcome: RunOutcome | 'damaged' })
  | { readonly ledger: LedgerSnapshot };
type ToldSummary = Extract<SummarySubject, { outcome: unknown }>;

/** Writes what a run did, for people: the ledger, what was written where, and warnings. */
export function writeRunSummary(
  terminal: Terminal,
  subject: SummarySubject,
  isVerbose = false,
): void {
  const { colors } = terminal;
  if ('outcome' in subject) {
    const missed = missedText(subject.ledger);
    terminal.line(
      `${colors.bold(outcomeText(subject))}${colors.bold(colors.red(missed))}${rateText(subject)}`,
    );
  }
  for (const line of sourceLedgerText(terminal, subject.ledger, isVerbose)) terminal.line(line);
  terminal.line(ledgerTable(terminal, subject.ledger));
  for (const text of spooledTexts(subject.ledger)) terminal.line(`  ${text}`);
  if (!('outcome' in subject)) return;
  if (subject.pace !== undefined) terminal.line(`  ${paceText(subject.pace)}`);
  if (subject.leftInRings > 0) {
    terminal.line(`  left in the rings: ${formatAmount(subject.leftInRings, 'slot')}, unread`);
  }
  for (const sink of subject.sinks) {
    const written = writtenText(sink);
    if (written !== undefined) terminal.line(`  ${colors.dim('wrote')} ${written}`);
  }
  for (const warning of subject.warnings) {
    terminal.line(`${colors.yellow('warning')} ${warning}`);
  }
}

function outcomeText({ outcome, source, ledger }: ToldSummary): string {
  const events = formatAmount(ledger.total.read + ledger.total.skipped, 'event');
  switch (outcome) {
    case 'completed':
      return `${source}: ${events}`;
    case 'stopped':
      return `${source}: stopped after ${events}, all of them delivered`;
    case 'aborted':
      return `${source}: stopped at once after ${events}; what the sinks had not written is lost`;
    case 'damaged':
      return `${source}: ${events} of what is whole`;
    case 'failed':
      return `${source}: failed after ${events}`;
  }
}

function missedText(ledger: LedgerSnapshot): string {
  const { lost, shed } = missedBy(ledger);
  const texts = [
    ...(lost === 0 ? [] : [`${formatCount(lost)} lost`]),
    ...(shed === 0 ? [] : [`${formatCount(shed)} shed`]),
  ];
  return texts.map((text) => `, ${text}`).join('');
}

/** `at 10x, behind by at most 0.3 ms`. */
function paceText({ speed, behindMs, eventsNotDue }: PaceReport): string {
  const late = `at ${speed}x, behind by at most ${formatDurationUs(behindMs * 1000)}`;
  if (eventsNotDue === 0) return late;
  return `${late}; ${formatAmount(eventsNotDue, 'event')} read, whose time had not come`;
}

function rateText({ durationMs, ledger }: ToldSummary): string {
  const { read, skipped } = ledger.total;
  const perSec =
    durationMs < MIN_RATE_MS
      ? ''
      : `, ${formatShort(((read + skipped) / durationMs) * 1000)} events/s`;
  return ` in ${formatDurationUs(durationMs * 1000)}${perSec}`;
}

/** Of each sink that its spool helped: `kafka(events) took 1,200 of 5,000 by way of its spool`. */
function spooledTexts({ total }: LedgerSnapshot): string[] {
  const sinks = total.outputs.flatMap((output) => output.sinks);
  return sinks
    .filter(({ spooled }) => spooled > 0)
    .map(
      ({ sink, given, spooled }) =>
        `${sink} took ${formatCount(spooled)} of ${formatCount(given)} by way of its spool`,
    );
}

function writtenText({ location, bytesWritten }: SinkSummary): string | undefined {
  if (location === undefined || location === STDOUT) return undefined;
  return bytesWritten === undefined ? location : `${location} (${formatBytes(bytesWritten)})`;
}
