import { isSockflowError } from '@sockflow/core';

/** Of our errors those that may go away by themselves, or by what somebody does meanwhile. Any other is a refusal. */
const PASSING = new Set([
  'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
  'ERR_SOCKFLOW_SINK_WRITE',
  'ERR_SOCKFLOW_SINK_DISK_FULL',
  'ERR_SOCKFLOW_SINK_PATH',
]);

/** Whether a sink that failed with this may take the same later. What is no error of ours passes, faults of a program apart. */
export function isPassing(error: unknown): boolean {
  if (isSockflowError(error)) return PASSING.has(error.code);
  // As `fetch` fails: with a TypeError that has a cause.
  const isFault = error instanceof TypeError && error.cause === undefined;
  return !isFault && !(error instanceof ReferenceError) && !(error instanceof RangeError);
}
