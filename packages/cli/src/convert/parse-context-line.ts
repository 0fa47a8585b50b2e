import { type ContextEvent, isSockflowError } from '@sockflow/core';

import { CommandError } from '../errors.ts';

/** How a recording's first bytes read as UTF-8. */
const RECORDING_MAGIC = '\ufffdSFREC';

/** One line of a context-json input as the event it holds; its fields are checked when it is written. */
export function parseContextLine(line: string, input: string, lineNumber: number): ContextEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    if (line.startsWith(RECORDING_MAGIC)) throw isRecordingError(input, cause);
    throw lineError(`no JSON: ${(cause as Error).message}`, input, lineNumber, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as ContextEvent;
  }
  const found = Array.isArray(value) ? 'a list' : JSON.stringify(value);
  throw lineError(`expected a JSON object, found ${found}`, input, lineNumber, undefined);
}

function isRecordingError(input: string, cause: unknown): CommandError {
  return new CommandError('ERR_SOCKFLOW_INPUT_FILE', 'the input is a recording, not context-json', {
    details: { place: input },
    remedy: 'Leave --from out, and name the recording',
    cause,
  });
}

/** Whether a line names an origin instead of an event. */
export function isOriginLine(line: object): boolean {
  return 'kind' in line && line.kind === 'ORIGIN';
}

/** An event that the record cannot hold, as an error of its line. */
export function lineError(
  message: string,
  input: string,
  lineNumber: number,
  cause: unknown,
  remedy?: string,
): CommandError {
  const inner = remedy ?? (isSockflowError(cause) ? cause.remedy : undefined);
  return new CommandError('ERR_SOCKFLOW_INPUT_LINE', message, {
    details: { place: `${input}, line ${lineNumber}` },
    remedy: `${inner?.replace(/\.$/, '') ?? 'Put right or remove the line'}${lineNumber === 1 ? '' : '; the events before it were converted'}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
