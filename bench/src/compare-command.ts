import { readFileSync } from 'node:fs';

import {
  type BenchDocument,
  BenchDocumentError,
  changesText,
  compareDocuments,
  readBenchDocument,
} from '@sockflow/benchmark';

const EXIT_USAGE = 2;

export interface CompareOptions {
  /** Percent by which a ratio may fall. */
  readonly tolerance: number;
  /** By each side's best pass. */
  readonly best: boolean;
  readonly allowInvalid: boolean;
  readonly json: boolean;
}

/** @returns the exit code: 1 where something got worse, 2 where the files cannot be compared */
export function compareCommand(
  beforePath: string,
  afterPath: string,
  { tolerance, best, allowInvalid, json }: CompareOptions,
): number {
  const [before, after] = [read(beforePath), read(afterPath)];
  if (before === undefined || after === undefined) return EXIT_USAGE;
  const changes = compareDocuments(before, after, {
    toleranceRatio: tolerance / 100,
    by: best ? 'best' : 'median',
  });
  process.stdout.write(`${json ? JSON.stringify(changes) : changesText(changes)}\n`);
  if (changes.invalid.length > 0 && !allowInvalid) {
    process.stderr.write(
      'not compared: a run was invalid; run it again on a quiet machine, or give --allow-invalid\n',
    );
    return EXIT_USAGE;
  }
  return changes.isWorse ? 1 : 0;
}

function read(path: string): BenchDocument | undefined {
  try {
    return readBenchDocument(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof BenchDocumentError || (error instanceof Error && 'syscall' in error)))
      throw error;
    process.stderr.write(`${path}: ${error.message}\n`);
    return undefined;
  }
}
