import { ConfigError } from '../errors.ts';

/*
 * The lane that this thread runs, kept where every copy of this package finds it: a pipeline module may resolve another copy than the runtime that runs it.
 */
const LANE_SCOPE = Symbol.for('sockflow.lane-scope');

/** What a pipeline reaches of the lane it runs in. */
export interface LaneScope {
  emit(value: unknown): void;
}

type GlobalWithScope = typeof globalThis & { [LANE_SCOPE]?: LaneScope | undefined };

/** Sets the lane of this thread, or none. */
export function setLaneScope(scope: LaneScope | undefined): void {
  (globalThis as GlobalWithScope)[LANE_SCOPE] = scope;
}

/**
 * Sends a small value to the main thread: it appears in the run's `results`, in the order of its lane. It is copied now; anything that MessagePack with
 * bigint, Map, Set, Date and typed arrays can carry. No value is lost: when the main thread lags by more than a bound, the lane stops asking for events.
 *
 * @throws ERR_SOCKFLOW_NO_LANE outside of a lane.
 */
export function emit(value: unknown): void {
  const scope = (globalThis as GlobalWithScope)[LANE_SCOPE];
  if (scope === undefined) {
    throw new ConfigError('ERR_SOCKFLOW_NO_LANE', 'emit was called outside of a lane', {
      remedy:
        'call it in the operators of a pipeline that run() runs; in-process, subscribe instead',
    });
  }
  scope.emit(value);
}
