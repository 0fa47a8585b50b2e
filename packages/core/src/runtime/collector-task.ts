import type { MessagePort } from 'node:worker_threads';

import type { SinkReport } from '../contracts/sink.ts';
import type { WireError } from './wire-error.ts';

/** One sink of a pipeline, by its place: names need not be unique. */
export interface SinkPlace {
  /** Index of the output. */
  readonly output: number;
  /** Index among the sinks of the output. */
  readonly sink: number;
}

/** A lane's way to the collector of one of its sinks. */
export interface CollectorPort extends SinkPlace {
  readonly port: MessagePort;
}

/** The port of a sink, where it has a collector. */
export function portOf(
  ports: readonly CollectorPort[],
  output: number,
  sink: number,
): MessagePort | undefined {
  return ports.find((other) => other.output === output && other.sink === sink)?.port;
}

/** What the main thread gives a collector's thread: crosses by structured clone, the ports by transfer. */
export interface CollectorTask extends SinkPlace {
  readonly pipelineUrl: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lanes: number;
  /** To each lane's writer, by lane. */
  readonly ports: readonly MessagePort[];
  /** Closed by the main thread when every lane has ended. */
  readonly lanesEnded: MessagePort;
}

/** What it gives back. */
export type CollectorOutcome =
  | { readonly report: SinkReport; readonly cause?: undefined }
  | { readonly report?: undefined; readonly cause: WireError };
