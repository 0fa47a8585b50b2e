import type { ViewMode } from '../batch/view-mode.ts';
import { ConfigError } from '../errors.ts';
import { LANE_BUCKETS } from '../schema/lane-key.ts';
import type { RunProgress } from './run-progress.ts';
import type { LaneResourceLimits } from './worker-pool.ts';

const VIEW_MODES: readonly unknown[] = ['checked', 'reused'] satisfies ViewMode[];
/** The longest that a timer of Node's can be. */
const MAX_INTERVAL_MS = 0x7fffffff;

/** How a pipeline is run. */
export interface RunOptions {
  /** 1 to 64; default 1. */
  readonly lanes?: number;
  /** What a pipeline module that exports a function is given; crosses threads by structured clone. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** How views are handed out; default: checked where NODE_ENV is development or test, reused elsewhere. */
  readonly views?: ViewMode;
  /** Called on the main thread every `progressIntervalMs` while lanes run, and once at their end. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Default 500. */
  readonly progressIntervalMs?: number;
  /** Ends the run as `stop()` does, so long after its source was opened, or started where it waits for that; default: it goes on. */
  readonly durationMs?: number;
  /**
   * How long the run may take to its end once it was asked to end, by `stop()` or `durationMs`. Then it gives up what its sinks still hold, fails with ERR_SOCKFLOW_DRAIN_TIMEOUT, and has
   * ended a few seconds later, whatever does not settle; default: it takes as long as its sinks do.
   */
  readonly drainTimeoutMs?: number;
  /** Called on the main thread with what a sink warns of while it runs: that it waits for a disk, say. Where not given, `process.emitWarning` is. */
  readonly onWarning?: (text: string) => void;
  /** Heap limits of each lane's thread; default: Node's. */
  readonly resourceLimits?: LaneResourceLimits;
  /** What the warning of events that a live source lost advises, in words: for a program whose users have settings of another name. */
  readonly lossRemedy?: string;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function checkRunOptions({
  lanes = 1,
  params = {},
  views,
  progressIntervalMs = 500,
  durationMs,
  drainTimeoutMs,
}: RunOptions): void {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > LANE_BUCKETS) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `lanes should be a whole number from 1 to ${LANE_BUCKETS}, but is ${String(lanes)}`,
      {
        details: { option: 'lanes', value: lanes },
        remedy: 'a lane is a thread: take no more than there are cores',
      },
    );
  }
  if (views !== undefined && !VIEW_MODES.includes(views)) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `views should be one of ${VIEW_MODES.join(', ')}, but is ${views}`,
      { details: { option: 'views', value: views }, remedy: 'leave it out for the default' },
    );
  }
  checkTimer('progressIntervalMs', progressIntervalMs, 'leave it out for the default, 500');
  if (durationMs !== undefined) {
    checkTimer('durationMs', durationMs, 'leave it out for a run without an end of its own');
  }
  if (drainTimeoutMs !== undefined) {
    checkTimer('drainTimeoutMs', drainTimeoutMs, 'leave it out for a run that drains to its end');
  }
  checkParams(params);
}

function checkTimer(option: string, value: number, remedy: string): void {
  if (value > 0 && value <= MAX_INTERVAL_MS) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${option} should be above 0 and at most ${MAX_INTERVAL_MS}, but is ${String(value)}`,
    { details: { option, value }, remedy },
  );
}

function checkParams(params: unknown): void {
  try {
    structuredClone(params);
  } catch (error) {
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'params cannot be handed to the lanes', {
      details: { option: 'params' },
      remedy:
        'params cross threads by structured clone: no functions; import those in the pipeline module',
      cause: error,
    });
  }
}
