import { SockflowError } from '@sockflow/core';

/** Codes of {@link SinkError}. */
export type SinkErrorCode =
  | 'ERR_SOCKFLOW_SINK_PATH'
  | 'ERR_SOCKFLOW_SINK_WRITE'
  | 'ERR_SOCKFLOW_SINK_DISK_FULL'
  | 'ERR_SOCKFLOW_SINK_READER_GONE'
  | 'ERR_SOCKFLOW_SINK_VALUE'
  | 'ERR_SOCKFLOW_SINK_FULL'
  | 'ERR_SOCKFLOW_SINK_CLOSED'
  | 'ERR_SOCKFLOW_SINK_COLLECTOR'
  | 'ERR_SOCKFLOW_SINK_MODULE'
  | 'ERR_SOCKFLOW_SPOOL_FULL'
  | 'ERR_SOCKFLOW_SPOOL_LOCKED'
  | 'ERR_SOCKFLOW_SPOOL_DIRECTORY'
  | 'ERR_SOCKFLOW_SPOOL_IO'
  | 'ERR_SOCKFLOW_SPOOL_DAMAGED';
/** A destination cannot be written, or does not take what it was given. */
export class SinkError extends SockflowError<SinkErrorCode> {}
