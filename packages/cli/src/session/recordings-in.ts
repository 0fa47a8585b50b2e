import { fstatSync } from 'node:fs';

import { ConfigError } from '@sockflow/core';

import type { OptionValues } from '../command.ts';
import { STDIO } from '../convert/text-input.ts';
import {
  readRecordingFilters,
  readStreamFilters,
  type RecordingFilters,
} from './recording-filters.ts';

const STDIN_FD = 0;
/** A file that the shell put there can be looked into like any other. */
const STDIN_FILE = '/dev/stdin';

/** The recordings that a command was given, `-` among them. */
export interface RecordingsIn {
  readonly paths: readonly string[];
  /** Whether it is read as it comes, and cannot be looked into before. */
  readonly isStream: boolean;
  /** Those that have a name. */
  readonly files: readonly string[];
}

/**
 * The recordings by the names that were given: `-` is standard input.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION where what is read as it comes is not alone
 */
export function recordingsIn(named: readonly string[], isFollowed: boolean = false): RecordingsIn {
  const paths = named.map((path) => (path === STDIO && isFileOnStdin() ? STDIN_FILE : path));
  const isStdin = paths.includes(STDIO);
  if ((isStdin || isFollowed) && paths.length > 1) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `what is read as it comes is read alone, and ${paths.length} recordings were named`,
      {
        details: { place: isStdin ? 'standard input' : '--follow' },
        remedy: "Name one; for a series of parts, a name with '*', in quotes",
      },
    );
  }
  return {
    paths,
    isStream: isStdin || isFollowed,
    files: paths.filter((path) => path !== STDIO),
  };
}

/** The filters that options ask of them. @throws ERR_SOCKFLOW_INVALID_OPTION */
export function readFiltersOf(
  { paths, isStream }: RecordingsIn,
  values: OptionValues,
): RecordingFilters {
  return isStream ? readStreamFilters(paths, values) : readRecordingFilters(paths, values);
}

function isFileOnStdin(): boolean {
  try {
    return fstatSync(STDIN_FD).isFile();
  } catch {
    return false;
  }
}
