import { StringDecoder } from 'node:string_decoder';

import { CommandError } from '../errors.ts';
import { errnoOf } from '../terminal/errno.ts';
import type { TextInput } from './text-input.ts';

const MAX_LINE_CHARS = 1 << 20;
const BYTE_ORDER_MARK = '\ufeff';

/** Lines that came together, the first of which is line `firstLine` of the input, counted from 1. */
export interface LineRun {
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/**
 * The input's lines as they come; the last one need not end with a line feed.
 *
 * @throws ERR_SOCKFLOW_INPUT_DAMAGED where the compressed data end early or are damaged: all lines before it have been given.
 */
export async function* textLines(input: TextInput): AsyncGenerator<LineRun> {
  const decoder = new StringDecoder('utf8');
  let firstLine = 1;
  let rest = '';
  try {
    for await (const chunk of input.chunks) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (firstLine === 1 && lines[0] !== undefined) lines[0] = withoutMark(lines[0]);
      if (lines.length > 0) yield { firstLine, lines };
      firstLine += lines.length;
      if (rest.length > MAX_LINE_CHARS) throw tooLong(input.name, firstLine);
    }
  } catch (error) {
    throw readError(error, input.name, firstLine);
  }
  rest += decoder.end();
  if (rest !== '') yield { firstLine, lines: [firstLine === 1 ? withoutMark(rest) : rest] };
}

function withoutMark(line: string): string {
  return line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
}

function tooLong(name: string, line: number): CommandError {
  return new CommandError(
    'ERR_SOCKFLOW_INPUT_LINE',
    `expected one JSON object a line, found a line of more than ${MAX_LINE_CHARS} characters`,
    {
      details: { place: `${name}, line ${line}` },
      remedy: 'Give newline-delimited JSON (jq -c . writes it)',
    },
  );
}

function readError(error: unknown, name: string, line: number): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || !errno.startsWith('Z_')) return error;
  const isCut = errno === 'Z_BUF_ERROR';
  return new CommandError(
    'ERR_SOCKFLOW_INPUT_DAMAGED',
    isCut ? 'the compressed input ends in the middle' : 'the compressed input is damaged',
    {
      details: { place: `${name}, at line ${line}` },
      remedy: 'Get the file again (gzip -t tests it); the events before that line were converted',
      cause: error,
    },
  );
}
