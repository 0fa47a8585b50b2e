import { isSockflowError, LaneError, remedyOf } from '../errors.ts';
import { placeText, type LaneFailure } from './lane-failure.ts';
import type { RunSummary } from './run-summary.ts';

const summaries = new WeakMap<object, RunSummary>();

/** What a run had done when the error ended it; `undefined` where it had not yet started lanes. */
export function runSummaryOf(error: unknown): RunSummary | undefined {
  return typeof error === 'object' && error !== null ? summaries.get(error) : undefined;
}

/** Puts the summary beside the error that rejects a run's `done`. */
export function withSummary(error: unknown, summary: RunSummary): unknown {
  if (typeof error === 'object' && error !== null) summaries.set(error, summary);
  return error;
}

/** How one lane failed: inside, with what it knows of it, or by the death of its thread. */
export type LaneEndFailure =
  | { readonly lane: number; readonly failure: LaneFailure; readonly death?: undefined }
  | { readonly lane: number; readonly failure?: undefined; readonly death: unknown };

/** The error that ends the run, of the lane that failed first. */
export function laneError(first: LaneEndFailure, others: readonly LaneEndFailure[]): unknown {
  if (first.failure === undefined) return deathError(first.lane, first.death, others);
  const { lane, failure } = first;
  const { place, cause } = failure;
  // What was wrong before any event is no failure of a lane: every lane says the same.
  if (place.phase === 'start' && isSockflowError(cause)) return cause;
  return new LaneError(
    'ERR_SOCKFLOW_LANE_FAILED',
    `${placeText(lane, place)} failed: ${messageOf(cause)}`,
    {
      details: { lane, ...place, otherFailures: others.map(describe) },
      remedy:
        remedyOf(cause) ??
        'mend what the message tells of; the other lanes were drained and their sinks flushed',
      cause,
    },
  );
}

function deathError(lane: number, cause: unknown, others: readonly LaneEndFailure[]): LaneError {
  return new LaneError('ERR_SOCKFLOW_LANE_DIED', `lane ${lane} died: ${messageOf(cause)}`, {
    details: { lane, otherFailures: others.map(describe) },
    remedy:
      'its thread ended by itself: look for process.exit in the pipeline, or raise resourceLimits where it ran out of memory; what its sinks had not written is lost',
    cause,
  });
}

function describe(end: LaneEndFailure): { lane: number; message: string } {
  return { lane: end.lane, message: messageOf(end.failure?.cause ?? end.death) };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
