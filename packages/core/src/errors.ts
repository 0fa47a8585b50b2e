/** What an error is made of besides its code and message. */
export interface SockflowErrorOptions<D extends object> {
  /** Machine-readable facts; keys of numbers carry their unit. */
  readonly details?: D;
  /** What to do about it: one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error of ours. Callers branch on `code`, which is stable; the message may change.
 * A class does not survive a thread boundary: ask {@link isSockflowError}, not `instanceof`.
 */
export abstract class SockflowError<
  C extends string = string,
  D extends object = object,
> extends Error {
  readonly code: C;
  readonly details: D;
  readonly remedy: string | undefined;

  constructor(code: C, message: string, options: SockflowErrorOptions<D> = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? ({} as D);
    this.remedy = options.remedy;
  }
}

/** Whether a value is an error of ours, from whichever thread or package copy. */
export function isSockflowError(
  value: unknown,
): value is Error & { code: string; details: object; remedy?: string } {
  return (
    value instanceof Error &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code.startsWith('ERR_SOCKFLOW_')
  );
}

/** What a thrown value says to do about it, whoever made it: a `remedy` that is a text. */
export function remedyOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('remedy' in thrown)) return undefined;
  return typeof thrown.remedy === 'string' && thrown.remedy !== '' ? thrown.remedy : undefined;
}

/** Codes of {@link ConfigError}. */
export type ConfigErrorCode =
  | 'ERR_SOCKFLOW_INVALID_OPTION'
  | 'ERR_SOCKFLOW_UNKNOWN_NAME'
  | 'ERR_SOCKFLOW_OP_NOT_REPORTED'
  | 'ERR_SOCKFLOW_CLOSE_NOT_REPORTED'
  | 'ERR_SOCKFLOW_PIPELINE_MISSING'
  | 'ERR_SOCKFLOW_PIPELINE_MODULE'
  | 'ERR_SOCKFLOW_SINK_INPUT'
  | 'ERR_SOCKFLOW_NO_LANE';
/** The caller asked for something that cannot be. */
export class ConfigError extends SockflowError<ConfigErrorCode> {}

/** Codes of {@link PipelineError}. */
export type PipelineErrorCode =
  | 'ERR_SOCKFLOW_STALE_VIEW'
  | 'ERR_SOCKFLOW_LATE_SUBSCRIPTION'
  | 'ERR_SOCKFLOW_OPERATOR';
/** The pipeline's own code broke a rule or threw. */
export class PipelineError extends SockflowError<PipelineErrorCode> {}

/** Codes of {@link RingError}. */
export type RingErrorCode = 'ERR_SOCKFLOW_RING_CAPACITY' | 'ERR_SOCKFLOW_RING_STATE';
/** A ring was built or driven wrongly: a bug of the caller, never load. */
export class RingError extends SockflowError<RingErrorCode> {}

/** Codes of {@link SchemaError}. */
export type SchemaErrorCode = 'ERR_SOCKFLOW_FIELD_RANGE' | 'ERR_SOCKFLOW_FIELD_MISSING';
/** A value does not fit the record. */
export class SchemaError extends SockflowError<SchemaErrorCode> {}

/** Codes of {@link LaneError}. */
export type LaneErrorCode =
  | 'ERR_SOCKFLOW_LANE_FAILED'
  | 'ERR_SOCKFLOW_LANE_DIED'
  | 'ERR_SOCKFLOW_DRAIN_TIMEOUT'
  | 'ERR_SOCKFLOW_LEDGER_BROKEN'
  | 'ERR_SOCKFLOW_SINK_LOST';
/** A lane ended the run; `details.lane` names it, `cause` is what happened. */
export class LaneError extends SockflowError<LaneErrorCode> {}
