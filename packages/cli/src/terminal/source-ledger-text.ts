import type { LedgerSnapshot, SourceCounter, SourceCounts, SourceLedger } from '@sockflow/core';

import { formatCount } from './format.ts';
import type { Terminal } from './terminal.ts';
import { wrapText } from './wrap-text.ts';

/** In words, in the order in which they are told. What is zero is not told. */
const CAME: readonly (readonly [SourceCounter, string])[] = [
  ['seen', 'seen'],
  ['made', 'made'],
];
const WENT: readonly (readonly [SourceCounter, string])[] = [
  ['submitted', 'submitted'],
  ['notAskedFor', 'not asked for'],
  ['filtered', 'filtered'],
  ['folded', 'folded'],
  ['shed', 'shed'],
  ['lost', 'lost'],
];
const INDENT = '  ';
const HELD_BLANK = '\u00a0';

/**
 * A live source's part of the ledger, a line for each class: `first: seen 400 = submitted 380 + lost 20`. For each lane too where `isVerbose`, with the source's notes. One that
 * counts nothing before its lanes has its notes told: `source: lag 0`.
 */
export function sourceLedgerText(
  terminal: Terminal,
  { source, lanes }: LedgerSnapshot,
  isVerbose: boolean,
): string[] {
  if (source === undefined) return [];
  const classes = new Set(source.counts.map((counts) => counts.class));
  const told = [...classes].flatMap((name) => {
    const own = source.counts.filter((counts) => counts.class === name);
    return identityText(`source, ${name}:`, own);
  });
  if (isVerbose && lanes.length > 1) {
    told.push(
      ...source.counts.flatMap((own) => identityText(`lane ${own.lane}, ${own.class}:`, [own])),
    );
  }
  if (source.counts.length === 0) told.push(...onlyNotesText(source));
  else if (isVerbose) told.push(...noteTexts(source));
  return told.flatMap((text) => indented(terminal, text));
}

/** What a live source did not deliver of what it should have. */
export function missedBy({ source }: LedgerSnapshot): {
  readonly lost: number;
  readonly shed: number;
} {
  const counts = source?.counts ?? [];
  return { lost: sumOf(counts, 'lost'), shed: sumOf(counts, 'shed') };
}

/** Nothing where nothing came. Terms hold together: a line is broken between them. */
function identityText(name: string, counts: readonly SourceCounts[]): string[] {
  if (CAME.every(([counter]) => sumOf(counts, counter) === 0)) return [];
  return [`${unbroken(name)} ${sideText(counts, CAME)} ${sideText(counts, WENT, '= ')}`];
}

function unbroken(text: string): string {
  return text.replaceAll(' ', HELD_BLANK);
}

function sideText(
  counts: readonly SourceCounts[],
  side: readonly (readonly [SourceCounter, string])[],
  sign = '',
): string {
  const terms = side
    .map(([counter, word]) => [word, sumOf(counts, counter)] as const)
    .filter(([, count], index) => count > 0 || index === 0);
  return terms
    .map(([word, count], index) => {
      const joined = index === 0 ? sign : '+ ';
      return unbroken(`${joined}${word} ${formatCount(count)}`);
    })
    .join(' ');
}

function sumOf(counts: readonly SourceCounts[], counter: SourceCounter): number {
  return counts.reduce((sum, own) => sum + own[counter], 0);
}

function noteTexts({ madeByKind, notes }: SourceLedger): string[] {
  const made = countTexts(madeByKind);
  const noted = countTexts(notes);
  return [
    ...(made === '' ? [] : [`made by kind: ${made}`]),
    ...(noted === '' ? [] : [`noted: ${noted}`]),
  ];
}

/** Nothing is left out: that a lag is 0 is what a reader wants to know. */
function onlyNotesText({ notes }: SourceLedger): string[] {
  const texts = Object.entries(notes).map(([name, count]) => `${name} ${formatCount(count)}`);
  return texts.length === 0 ? [] : [`source: ${texts.join(', ')}`];
}

function countTexts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
}

function indented(terminal: Terminal, text: string): string[] {
  const lines = wrapText(text, terminal.columns - 2 * INDENT.length);
  return lines.map((line, index) => {
    const indent = index === 0 ? INDENT : INDENT.repeat(2);
    return `${indent}${line.replaceAll(HELD_BLANK, ' ')}`;
  });
}
