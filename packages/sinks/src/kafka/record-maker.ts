import type { Request } from './request.ts';

/** Makes records of what a sink is given, and puts them into the queue. */
export interface RecordMaker {
  /** Nothing of the input is needed afterwards. @throws ERR_SOCKFLOW_SINK_VALUE, ERR_SOCKFLOW_KAFKA_REFUSED */
  add(input: unknown): void;
  /** The request is to go: what is still gathered for it is complete. */
  complete(request: Request): void;
}

/** What a record takes in a request besides key, value and headers, about. */
export const RECORD_OVERHEAD_BYTES = 24;
