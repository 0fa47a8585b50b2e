import { fileURLToPath } from 'node:url';

import { isSockflowError, remedyOf } from '@sockflow/core';
import type { Damage } from '@sockflow/source-replay';

import type { CommandErrorCode } from '../errors.ts';
import { errorChain } from './error-chain.ts';
import { notedPlaceOf } from './noted-place.ts';
import type { Terminal } from './terminal.ts';

const MAX_DAMAGE_PLACES = 5;
const UNKNOWN_CODE: CommandErrorCode = 'ERR_SOCKFLOW_UNEXPECTED';
/** Details that say where, in the order in which a place is read; all others are for programs. */
const PLACE_KEYS: readonly (readonly [key: string, label: string])[] = [
  ['place', ''],
  ['file', ''],
  ['module', ''],
  ['path', ''],
  ['line', 'line '],
  ['field', 'field '],
  ['blockIndex', 'block '],
  ['block', 'block '],
  ['offsetBytes', 'byte '],
  ['lane', 'lane '],
  ['output', 'output '],
  ['operator', 'operator '],
  ['sink', 'sink '],
  ['at', 'at '],
  ['option', 'option '],
];

/** An error as its reader needs it: what is wrong, where, and what to do about it. */
export interface ErrorReport {
  readonly code: string;
  /** Those of all links that have one, outermost first: what to branch on where the code is that of a lane. */
  readonly codes: readonly string[];
  readonly message: string;
  readonly place: string | undefined;
  readonly remedy: string | undefined;
  /** What lies beneath, outermost first: one line each, `CODE: message` where somebody's code of their own is in it. */
  readonly causes: readonly string[];
}

/** What is to be told of an error: the outermost link that is ours speaks, the links beneath say where and what to do if it does not. */
export function errorReport(error: unknown): ErrorReport {
  const chain = errorChain(error);
  const ours = chain.filter(isSockflowError);
  const first = ours[0];
  const message = first?.message ?? messageOf(chain[0]);
  const places = ours
    .flatMap((link) => notedPlaceOf(link) ?? placeOf(link.details))
    .filter((place) => place !== '');
  const causes = chain.slice(first === undefined ? 1 : chain.indexOf(first) + 1);
  return {
    code: first?.code ?? UNKNOWN_CODE,
    codes: first === undefined ? [UNKNOWN_CODE] : [...new Set(chain.flatMap(codesOf))],
    message,
    place: places.length === 0 ? undefined : [...new Set(places)].join(', '),
    remedy: inOneStyle(chain.map(remedyOf).find((remedy) => remedy !== undefined)),
    causes: causes.map(causeText).filter((text) => !message.includes(text)),
  };
}

/** The code of ours, or of somebody's own module; what the system calls its errors is in their messages. */
function codesOf(link: unknown): string[] {
  if (typeof link !== 'object' || link === null || 'syscall' in link) return [];
  return 'code' in link && typeof link.code === 'string' && link.code !== '' ? [link.code] : [];
}

function causeText(link: unknown): string {
  const [code] = isSockflowError(link) ? [] : codesOf(link);
  return code === undefined ? messageOf(link) : `${code}: ${messageOf(link)}`;
}

/** Whether a cause is of somebody's own code, with a code that the message above it does not have: it is told without being asked for. */
function isOwn(link: unknown): boolean {
  return !isSockflowError(link) && codesOf(link).length > 0;
}

/** Whichever package a remedy comes from: a capital letter, no period. A name of code at its start stays. */
function inOneStyle(remedy: string | undefined): string | undefined {
  return remedy
    ?.replace(/^[a-z]+(?=[ ,;])/, (word) => (word[0] ?? '').toUpperCase() + word.slice(1))
    .replace(/\.$/, '');
}

/** Writes an error for people: no stack unless `isVerbose`, then the whole chain of causes. */
export function reportError(
  terminal: Terminal,
  error: unknown,
  isVerbose: boolean,
  severity: 'error' | 'warning' = 'error',
): void {
  terminal.urgent(() => writeReport(terminal, error, isVerbose, severity));
}

function writeReport(
  terminal: Terminal,
  error: unknown,
  isVerbose: boolean,
  severity: 'error' | 'warning',
): void {
  const { colors } = terminal;
  const report = errorReport(error);
  const tint = severity === 'error' ? colors.red : colors.yellow;
  terminal.line(`${tint(colors.bold(severity))} ${colors.bold(report.code)}: ${report.message}`);
  if (report.place !== undefined) terminal.line(`  ${colors.dim('place ')} ${report.place}`);
  const remedy =
    report.remedy ??
    (report.code === UNKNOWN_CODE && !isVerbose
      ? 'Run it again with --verbose to see where it comes from'
      : undefined);
  if (remedy !== undefined) terminal.line(`  ${colors.dim('remedy')} ${remedy}`);
  const chain = errorChain(error);
  const own = new Set(chain.slice(1).filter(isOwn).map(causeText));
  for (const cause of report.causes) {
    if (isVerbose || own.has(cause)) terminal.line(`  ${colors.dim('cause ')} ${cause}`);
  }
  if (!isVerbose) return;
  for (const link of chain) {
    if (link instanceof Error) terminal.line(colors.dim(link.stack ?? String(link)));
  }
}

/** The parts of a place: what several links of a chain know is told once. */
function placeOf(details: object): readonly string[] {
  const parts = damagePlaces(details);
  for (const [key, label] of PLACE_KEYS) {
    const value = (details as Readonly<Record<string, unknown>>)[key];
    if (typeof value === 'string' || typeof value === 'number') parts.push(`${label}${value}`);
  }
  if (parts.length === 0 && 'url' in details) parts.push(pathOf(String(details.url)));
  return parts;
}

/** Where the damage lies that an error of a recording lists. */
function damagePlaces(details: object): string[] {
  if (!('damage' in details) || !Array.isArray(details.damage)) return [];
  return (details.damage as readonly Damage[])
    .slice(0, MAX_DAMAGE_PLACES)
    .map(({ path, startOffset }) => `${path}, byte ${startOffset}`);
}

/** A file: URL as the path that was typed. */
function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}

function messageOf(link: unknown): string {
  if (!(link instanceof Error)) return String(link);
  const text = link.message.split('\n', 1)[0] ?? '';
  return text === '' ? link.name : text;
}
