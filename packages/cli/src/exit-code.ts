import { findCode } from './terminal/error-chain.ts';

/** How the command ends. Stable: scripts branch on it. */
export const ExitCode = {
  /** Everything asked for was done. */
  OK: 0,
  /** It failed while it ran: a pipeline, a sink, the machine, which may not allow it. */
  FAILED: 1,
  /** It was called wrongly: nothing was read or written. */
  USAGE: 2,
  /** The input is damaged or malformed: what is whole was used. */
  BAD_INPUT: 3,
  /** SIGINT: drained after the first one, stopped at once by the second. */
  INTERRUPTED: 130,
  /** SIGTERM: drained. */
  TERMINATED: 143,
} as const;
/** One exit code. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What each code means, for help and the reference page. */
export const EXIT_CODE_TEXTS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.OK, 'done'],
  [ExitCode.FAILED, 'failed while running; of doctor: live capture does not work here'],
  [ExitCode.USAGE, 'called wrongly; nothing was read or written'],
  [ExitCode.BAD_INPUT, 'input damaged or malformed; what is whole was used'],
  [ExitCode.INTERRUPTED, 'SIGINT: drained after the first, stopped at once by the second'],
  [ExitCode.TERMINATED, 'SIGTERM: drained after the first, stopped at once by the second'],
];

const USAGE_CODES: ReadonlySet<string> = new Set([
  'ERR_SOCKFLOW_USAGE',
  'ERR_SOCKFLOW_CONFIG',
  'ERR_SOCKFLOW_CONFIG_VARIABLE',
  'ERR_SOCKFLOW_INPUT_FILE',
  'ERR_SOCKFLOW_KAFKA_ACCESS',
  'ERR_SOCKFLOW_KAFKA_CLIENT',
  'ERR_SOCKFLOW_KAFKA_GROUP',
  'ERR_SOCKFLOW_KAFKA_TOPIC',
  'ERR_SOCKFLOW_KERNEL_CGROUP',
  'ERR_SOCKFLOW_KERNEL_TOO_OLD',
  'ERR_SOCKFLOW_PIPELINE_MISSING',
  'ERR_SOCKFLOW_RECORDING_MISSING',
  'ERR_SOCKFLOW_RECORDING_TARGET',
  'ERR_SOCKFLOW_SINK_MODULE',
  'ERR_SOCKFLOW_SPOOL_DIRECTORY',
  'ERR_SOCKFLOW_SPOOL_LOCKED',
  'ERR_SOCKFLOW_INVALID_OPTION',
  'ERR_SOCKFLOW_UNKNOWN_NAME',
]);

const BAD_INPUT_CODES: ReadonlySet<string> = new Set([
  'ERR_SOCKFLOW_INPUT_LINE',
  'ERR_SOCKFLOW_INPUT_DAMAGED',
  'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
  'ERR_SOCKFLOW_KAFKA_SCHEMA',
  'ERR_SOCKFLOW_RECORDING_EMPTY',
  'ERR_SOCKFLOW_RECORDING_REPLACED',
  'ERR_SOCKFLOW_NOT_A_RECORDING',
  'ERR_SOCKFLOW_RECORDING_VERSION',
  'ERR_SOCKFLOW_RECORDING_SCHEMA',
  'ERR_SOCKFLOW_RECORDING_PARTS',
  'ERR_SOCKFLOW_RECORDING_DAMAGED',
]);

/** The exit code that an error stands for; an error of a lane stands for what caused it. */
export function exitCodeOf(error: unknown): ExitCode {
  if (findCode(error, (code) => BAD_INPUT_CODES.has(code)) !== undefined) return ExitCode.BAD_INPUT;
  if (findCode(error, (code) => USAGE_CODES.has(code)) !== undefined) return ExitCode.USAGE;
  return ExitCode.FAILED;
}
