import { statSync } from 'node:fs';

import { ConfigError } from '@sockflow/core';

import { STDIO } from '../convert/text-input.ts';
import type { Terminal } from '../terminal/terminal.ts';

const STDOUT_PATHS: ReadonlySet<string> = new Set([STDIO, '/dev/stdout', '/dev/fd/1']);

/** Whether an output is the standard output. */
export function isStdout(output: string): boolean {
  return STDOUT_PATHS.has(output);
}

/** Whether an output is no file that could be looked at afterwards: standard output, a pipe, a device. */
export function isStreamOutput(output: string): boolean {
  if (isStdout(output)) return true;
  const stats = statSync(output, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/**
 * Refuses what cannot be where a recording goes to the standard output; a file is left to its writer.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkRecordingOutput(
  out: Terminal,
  output: string,
  { isJson, lanes = 1 }: { readonly isJson: boolean; readonly lanes?: number },
): void {
  if (lanes > 1 && isStreamOutput(output)) {
    throw refused(
      '--lanes',
      `${lanes} lanes write a part each, and ${output} takes one`,
      'Leave --lanes out, or write to a file',
    );
  }
  if (!isStdout(output)) return;
  if (isJson) {
    throw refused(
      '--json',
      '--json and the recording both want stdout for themselves',
      'Leave --json out, or give a file name for the recording',
    );
  }
  if (!out.isTty) return;
  throw refused(
    'the output',
    'a recording is nothing for a terminal, and the standard output is one',
    'Pipe it to another command, redirect it to a file (> out.sfrec), or give a file name',
  );
}

function refused(place: string, message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { details: { place }, remedy });
}
