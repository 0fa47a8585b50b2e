import { readFileSync } from 'node:fs';

import {
  type BenchChanges,
  type BenchDocument,
  BenchDocumentError,
  changesText,
  compareDocuments,
  readBenchDocument,
} from '@sockflow/benchmark';

import type { CommandContext } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ExitCode } from '../exit-code.ts';
import type { BenchValues } from '../options/bench-options.ts';
import { jsonText, writeJson } from '../terminal/json-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkFolder, writeAsked } from './asked-file.ts';

type CompareValues = Pick<BenchValues, 'tolerance' | 'allowInvalid' | 'json'>;

const STDOUT = '-';

/**
 * `bench compare`: what became of one document in another.
 *
 * @throws ERR_SOCKFLOW_USAGE where there are not two; ERR_SOCKFLOW_INPUT_FILE for a file that is none, or is of an invalid run
 */
export function compareRuns(
  { out }: CommandContext,
  files: readonly string[],
  { tolerance, allowInvalid = false, json }: CompareValues,
): ExitCode {
  const [before, after, ...others] = files;
  if (before === undefined || after === undefined || others.length > 0) {
    throw new CommandError(
      'ERR_SOCKFLOW_USAGE',
      `bench compare compares two documents, and ${files.length} were named`,
      {
        details: { place: 'sockflow bench compare' },
        remedy: 'Name the earlier and the later one: sockflow bench compare before.json after.json',
      },
    );
  }
  if (json !== undefined && json !== STDOUT) checkFolder('--json', json);
  const changes = compareDocuments(
    documentIn(before),
    documentIn(after),
    tolerance === undefined ? {} : { toleranceRatio: tolerance },
  );
  if (json !== STDOUT) out.line(changesText(changes));
  if (json !== undefined) writeJsonTo(out, json, changes);
  if (changes.invalid.length > 0 && !allowInvalid) throw invalidRun(changes.invalid);
  return changes.isWorse ? ExitCode.FAILED : ExitCode.OK;
}

function writeJsonTo(out: Terminal, path: string, changes: BenchChanges): void {
  if (path === STDOUT) writeJson(out, changes);
  else writeAsked('--json', path, `${jsonText(changes)}\n`);
}

function invalidRun(reasons: readonly string[]): CommandError {
  return new CommandError(
    'ERR_SOCKFLOW_INPUT_FILE',
    `not compared: a run was invalid: ${reasons[0] ?? ''}`,
    {
      details: { place: 'sockflow bench compare' },
      remedy: 'Run it again on a quiet machine, or give --allow-invalid',
    },
  );
}

function documentIn(path: string): BenchDocument {
  try {
    return readBenchDocument(readFileSync(path, 'utf8'));
  } catch (cause) {
    const isOther = cause instanceof BenchDocumentError;
    throw new CommandError(
      'ERR_SOCKFLOW_INPUT_FILE',
      isOther
        ? `'${path}' is no document of a benchmark: ${cause.message}`
        : `'${path}' cannot be read`,
      {
        details: { place: path },
        remedy: 'Give a file that sockflow bench --json wrote',
        cause,
      },
    );
  }
}
