import {
  type LedgerSnapshot,
  run,
  type RunOptions,
  type RunProgress,
  type RunStart,
  type RunSummary,
  runSummaryOf,
} from '@sockflow/core';

import type { CommandContext } from '../command.ts';
import { ExitCode, exitCodeOf } from '../exit-code.ts';
import type { DrainTimeout } from '../options/drain-option.ts';
import { isClosedPipe } from '../terminal/closed-pipe.ts';
import { findCode } from '../terminal/error-chain.ts';
import { formatAmount, formatDurationUs } from '../terminal/format.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine, type ProgressState } from '../terminal/progress.ts';
import { errorReport, reportError } from '../terminal/report-error.ts';
import { type SummarySubject, writeRunSummary } from '../terminal/run-summary-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { writeWarnings } from '../terminal/warnings.ts';
import { endSoon } from './end-soon.ts';
import { StatusLines } from './status-lines.ts';
import { StopSignals } from './stop-signals.ts';

const DAMAGE_CODE = 'ERR_SOCKFLOW_RECORDING_DAMAGED';
const DRAIN_CODE = 'ERR_SOCKFLOW_DRAIN_TIMEOUT';

/** A pipeline to run for a command, and how its user wants to hear of it. */
export interface SessionRequest {
  /** The command's name, for progress: `replay`. */
  readonly what: string;
  readonly url: URL;
  readonly lanes: number;
  /** The run ends as by a signal after so long. */
  readonly durationMs?: number | undefined;
  /** How long it may take to its end once it was asked to end; default: as long as its sinks need. */
  readonly drainTimeout?: DrainTimeout;
  /** What there is to do where the kernel lost events, in options of the command. */
  readonly lossRemedy?: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** How often a line says how it stands; never where not given. */
  readonly statusEveryMs?: number | undefined;
  readonly isJson: boolean;
  readonly isVerbose: boolean;
  readonly toleratesDamage: boolean;
  /** Whether events appear on the terminal while it runs: a progress line would be written into them. */
  readonly printsEvents: boolean;
  /** What is known beforehand to be probably not meant. */
  readonly warnings?: readonly string[];
  /** What the JSON summary has besides. */
  readonly jsonExtras?: () => object;
  /** Called with each value that the pipeline emits. */
  readonly onResult?: (value: unknown) => void;
  /** What to say once the run has started, besides that it is live. */
  readonly startText?: string;
  /** For a command that tells of its start itself: called where the source is live. */
  readonly onLive?: () => void;
  /** For a command that shows its progress itself. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called once the run is under way: how to end it as the first signal does. */
  readonly onStart?: (stop: () => void) => void;
  /** Called when it is asked to end: by a signal, a reader that has gone, or what `onStart` was given. */
  readonly onStop?: () => void;
  /** Called when it has ended, before anything is told of the end. */
  readonly onEnd?: () => void;
}

/**
 * Runs a pipeline to its end, or until a signal: progress and summary on stderr, or the summary as JSON on stdout.
 *
 * Damage and failures are told here, after the summary: what was delivered is delivered.
 */
export async function runSession(
  context: CommandContext,
  request: SessionRequest,
): Promise<ExitCode> {
  writeWarnings(context.err, request.warnings ?? []);
  const progress = new ProgressLine(context.err, request.what);
  const { drainTimeout = 'none' } = request;
  const handle = run(request.url, {
    lanes: request.lanes,
    params: request.params,
    ...(request.durationMs === undefined ? {} : { durationMs: request.durationMs }),
    ...(request.lossRemedy === undefined ? {} : { lossRemedy: request.lossRemedy }),
    ...(drainTimeout === 'none' ? {} : { drainTimeoutMs: drainTimeout }),
    onWarning: (text) => writeWarnings(context.err, [text]),
    ...progressOf(request, progress),
  });
  const stop = (): void => {
    request.onStop?.();
    handle.stop();
  };
  const signals = new StopSignals(context.err, stop);
  const status = statusOf(context.err, request, () => handle.ledger());
  request.onStart?.(stop);
  context.out.onClosed = stop;
  const { onResult } = request;
  void handle.started.then((start) => tellStart(context.err, request, start));
  if (onResult !== undefined) handle.results.subscribe({ next: onResult, error: () => {} });
  let outcome: Outcome;
  try {
    outcome = { summary: await handle.done };
  } catch (error) {
    outcome = { error, ledger: handle.ledger() };
  } finally {
    progress.stop();
    status?.stop();
    signals.close();
    context.out.onClosed = undefined;
    request.onEnd?.();
  }
  if (context.out.isClosed) return ExitCode.OK;
  return conclude(context, request, outcome, signals.exitCode);
}

function statusOf(
  err: Terminal,
  { statusEveryMs }: SessionRequest,
  ledger: () => LedgerSnapshot,
): StatusLines | undefined {
  return statusEveryMs === undefined ? undefined : new StatusLines(err, statusEveryMs, ledger);
}

function shown(progress: RunProgress): ProgressState {
  const { bytesRead, totalBytes, events, eventsPerSec, live } = progress;
  return {
    doneBytes: bytesRead,
    totalBytes,
    events,
    live: live && { ...live, eventsPerSec },
  };
}

function progressOf(
  { onProgress, printsEvents }: SessionRequest,
  progress: ProgressLine,
): Pick<RunOptions, 'onProgress'> {
  if (onProgress !== undefined) return { onProgress };
  return printsEvents ? {} : { onProgress: (state) => progress.update(shown(state)) };
}

/** From this line on nothing is missed: who starts a load by it sees all of it. */
function tellStart(
  err: Terminal,
  { startText, onLive }: SessionRequest,
  start: RunStart | undefined,
): void {
  if (start === undefined) return;
  if (start.isLive && onLive !== undefined) {
    onLive();
  } else if (start.isLive) {
    const { source, attachedTo, lanes, afterMs } = start;
    const what = attachedTo === undefined ? `${source} is read` : `attached to ${attachedTo}`;
    err.line(`${what} after ${formatDurationUs(afterMs * 1000)}, ${formatAmount(lanes, 'lane')}`);
  }
  if (startText !== undefined) err.line(startText);
}

type Outcome =
  | { readonly summary: RunSummary }
  | { readonly error: unknown; readonly ledger: LedgerSnapshot };

function conclude(
  context: CommandContext,
  request: SessionRequest,
  outcome: Outcome,
  signalCode: ExitCode | undefined,
): ExitCode {
  if ('summary' in outcome) {
    writeSummary(context, request, outcome.summary);
    return signalCode ?? ExitCode.OK;
  }
  const { error, ledger } = outcome;
  if (isClosedPipe(error)) return ExitCode.OK;
  const isDamage = findCode(error, (code) => code === DAMAGE_CODE) !== undefined;
  const isTolerated = isDamage && request.toleratesDamage;
  const summary = runSummaryOf(error);
  if (request.isJson || summary !== undefined) {
    const subject = summary ?? { ledger };
    writeSummary(context, request, isDamage ? { ...subject, outcome: 'damaged' } : subject, error);
  }
  if (findCode(error, (code) => code === DRAIN_CODE) !== undefined) endSoon();
  reportError(context.err, error, request.isVerbose, isTolerated ? 'warning' : 'error');
  if (isTolerated) return signalCode ?? ExitCode.OK;
  const exitCode = exitCodeOf(error);
  // A topic that was deleted under the run, say: who starts it again need not change the call.
  return exitCode === ExitCode.USAGE && ledger.total.read > 0 ? ExitCode.FAILED : exitCode;
}

function writeSummary(
  context: CommandContext,
  request: SessionRequest,
  subject: SummarySubject,
  error?: unknown,
): void {
  if (!request.isJson) {
    writeRunSummary(context.err, subject, request.isVerbose);
    return;
  }
  const { warnings = [], jsonExtras } = request;
  writeJson(context.out, {
    ...('outcome' in subject ? subject : { outcome: 'failed', ...subject }),
    warnings: [...warnings, ...('outcome' in subject ? subject.warnings : [])],
    ...jsonExtras?.(),
    ...(error === undefined ? {} : { error: errorReport(error) }),
  });
}
