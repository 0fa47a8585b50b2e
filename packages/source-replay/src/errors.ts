import { SockflowError } from '@sockflow/core';

/** Codes of {@link SourceError}. */
export type SourceErrorCode =
  | 'ERR_SOCKFLOW_RECORDING_MISSING'
  | 'ERR_SOCKFLOW_RECORDING_READ'
  | 'ERR_SOCKFLOW_RECORDING_EMPTY'
  | 'ERR_SOCKFLOW_RECORDING_REPLACED'
  | 'ERR_SOCKFLOW_NOT_A_RECORDING'
  | 'ERR_SOCKFLOW_RECORDING_VERSION'
  | 'ERR_SOCKFLOW_RECORDING_SCHEMA'
  | 'ERR_SOCKFLOW_RECORDING_PARTS'
  | 'ERR_SOCKFLOW_RECORDING_DAMAGED';
/** A recording cannot be read, or not whole. */
export class SourceError extends SockflowError<SourceErrorCode> {}

/** Codes of {@link RecordingWriteError}. */
export type RecordingWriteErrorCode =
  | 'ERR_SOCKFLOW_RECORDING_WRITE'
  | 'ERR_SOCKFLOW_RECORDING_TARGET'
  | 'ERR_SOCKFLOW_RECORDING_STATE'
  | 'ERR_SOCKFLOW_RECORDING_SLOT';
/** A recording cannot be written; what was written before stays readable. */
export class RecordingWriteError extends SockflowError<RecordingWriteErrorCode> {}
