import { type BenchDocument, benchDocumentText, htmlReport } from '@sockflow/benchmark';

import type { CommandContext } from '../command.ts';
import type { BenchValues } from '../options/bench-options.ts';
import { checkFolder, writeAsked } from './asked-file.ts';
import { benchText } from './bench-text.ts';
import { loadLines } from './load-text.ts';

const STDOUT = '-';

type Outputs = Pick<BenchValues, 'json' | 'html'>;

/**
 * Whether the files can be written, before minutes are spent on what would be in them.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkOutputs({ json, html }: Outputs): void {
  for (const [option, path] of [
    ['--json', json],
    ['--html', html],
  ] as const) {
    if (path === undefined || (option === '--json' && path === STDOUT)) continue;
    checkFolder(option, path);
  }
}

/** The table on stdout, what was asked for in files, and whether the run is valid on stderr. */
export function writeOutcome(
  { out, err }: CommandContext,
  document: BenchDocument,
  name: string,
  { json, html }: Outputs,
): void {
  const terminal = json === STDOUT ? err : out;
  terminal.line(benchText(terminal, document, name));
  for (const line of loadLines(err, document.load)) err.urgent(() => err.line(line));
  if (json === STDOUT) out.write(benchDocumentText(document));
  else if (json !== undefined) writeAsked('--json', json, benchDocumentText(document));
  if (html !== undefined) writeAsked('--html', html, htmlReport(document));
}
