import { openRecording } from '@sockflow/source-replay';
import { validateRecording } from '@sockflow/source-replay/validate';
import { type VerifyReport, verifyRecording } from '@sockflow/source-replay/verify';

import type { CommandContext } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { writeWarnings } from '../terminal/warnings.ts';
import { renderVerification } from './render-verification.ts';

/** How `inspect --verify` was called. */
export interface VerifyRequest {
  readonly isJson: boolean;
  /** What to call it; its path where not given. */
  readonly name?: string;
  /** Whether events are held against the kernel's rules, too. */
  readonly checksEvents: boolean;
}

/** Holds a recording against its format, and tells what does not fit. */
export async function verify(
  context: CommandContext,
  path: string,
  { isJson, checksEvents, name = path }: VerifyRequest,
): Promise<ExitCode> {
  const { out, err } = context;
  const totalBytes = openRecording(path).sizeBytes;
  const progress = new ProgressLine(err, 'verify');
  const verified = verifyRecording(path, {
    onProgress: (doneBytes, events) => progress.update({ doneBytes, totalBytes, events }),
  });
  const format = name === path ? verified : called(verified, name);
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

/** The report of a recording that has no name of its own. */
function called(report: VerifyReport, path: string): VerifyReport {
  return {
    ...report,
    path,
    parts: report.parts.map((part) => ({ ...part, path })),
    findings: report.findings.map((finding) => ({ ...finding, path })),
  };
}
