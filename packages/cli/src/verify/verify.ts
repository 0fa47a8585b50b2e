import { openRecording } from '@sockflow/source-replay';
import { validateRecording } from '@sockflow/source-replay/validate';
import { verifyRecording } from '@sockflow/source-replay/verify';

import type { CommandContext } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { writeWarnings } from '../terminal/warnings.ts';
import { renderVerification } from './render-verification.ts';

/** How `inspect --verify` was called. */
export interface VerifyRequest {
  readonly isJson: boolean;
  /** Whether events are held against the kernel's rules, too. */
  readonly checksEvents: boolean;
}

/** Holds a recording against its format, and tells what does not fit. */
export async function verify(
  context: CommandContext,
  path: string,
  { isJson, checksEvents }: VerifyRequest,
): Promise<ExitCode> {
  const { out, err } = context;
  const totalBytes = openRecording(path).sizeBytes;
  const progress = new ProgressLine(err, 'verify');
  const format = verifyRecording(path, {
    onProgress: (doneBytes, events) => progress.update({ doneBytes, totalBytes, events }),
  });
  progress.stop();
  // Events of what is damaged break rules by what is missing.
  const events =
    checksEvents && format.findingCount === 0 ? await validateRecording(path) : undefined;
  writeWarnings(err, format.notes);
  if (isJson) writeJson(out, { ...format, ...(events === undefined ? {} : { events }) });
  else out.line(renderVerification(out, format, events));
  const isGood = format.findingCount === 0 && (events?.violationCount ?? 0) === 0;
  return isGood ? ExitCode.OK : ExitCode.BAD_INPUT;
}
