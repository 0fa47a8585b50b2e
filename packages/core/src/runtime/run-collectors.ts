import { MessageChannel, type MessagePort } from 'node:worker_threads';

import type { SinkReport } from '../contracts/sink.ts';
import { LaneError, remedyOf } from '../errors.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';
import type {
  CollectorOutcome,
  CollectorPort,
  CollectorTask,
  SinkPlace,
} from './collector-task.ts';
import { laneError, type LaneEndFailure } from './run-failure.ts';
import { fromWireError } from './wire-error.ts';
import type { WorkerPool } from './worker-pool.ts';

interface Collector extends SinkPlace {
  readonly outputName: string;
  readonly sinkName: string;
  /** By lane: the lane's end, and the collector's. */
  readonly channels: readonly MessageChannel[];
}

/** What a collector said at its end. */
export interface CollectorReport {
  readonly output: string;
  /** Index among the sinks of the output. */
  readonly sink: number;
  readonly report: SinkReport;
}

/** How a collector failed: by what its sink says, or by the death of its thread. */
export interface CollectorFailure {
  readonly output: string;
  readonly sink: string;
  readonly cause: unknown;
  readonly isDeath: boolean;
}

type OwnTask = Pick<CollectorTask, 'pipelineUrl' | 'params' | 'lanes'>;

/** The main thread's hold on the collectors of a run: a thread for each sink that collects, where there are several lanes. */
export class RunCollectors {
  readonly #collectors: readonly Collector[];
  readonly #lanesEnded: MessagePort[];
  readonly reports: CollectorReport[];
  readonly failures: CollectorFailure[];

  constructor(outputs: readonly InspectedOutput[], lanes: number) {
    this.#collectors = lanes === 1 ? [] : collectorsOf(outputs, lanes);
    this.#lanesEnded = [];
    this.reports = [];
    this.failures = [];
  }

  /** Threads that they need. */
  get count(): number {
    return this.#collectors.length;
  }

  /** A lane's ports, to be transferred to it. */
  portsOf(lane: number): CollectorPort[] {
    return this.#collectors.map(({ output, sink, channels }) => ({
      output,
      sink,
      port: (channels[lane] as MessageChannel).port1,
    }));
  }

  /** Starts them all; settles when all have ended. `failed` is called after each failure. */
  async run(pool: WorkerPool, own: OwnTask, failed: () => void): Promise<void> {
    await Promise.all(
      this.#collectors.map(async (collector) => {
        const failure = await this.#runOne(pool, own, collector);
        if (failure === undefined) return;
        const { outputName, sinkName } = collector;
        this.failures.push({ output: outputName, sink: sinkName, ...failure });
        failed();
      }),
    );
  }

  /** No lane will send anything any more, whether it has said so or not. */
  lanesHaveEnded(): void {
    for (const port of this.#lanesEnded) port.close();
  }

  async #runOne(
    pool: WorkerPool,
    own: OwnTask,
    { output, sink, outputName, channels }: Collector,
  ): Promise<Pick<CollectorFailure, 'cause' | 'isDeath'> | undefined> {
    const { port1, port2 } = new MessageChannel();
    this.#lanesEnded.push(port1);
    const ports = channels.map((channel) => channel.port2);
    const task: CollectorTask = { ...own, output, sink, ports, lanesEnded: port2 };
    try {
      const outcome = await pool.run<CollectorOutcome>(task, 'runCollector', [...ports, port2]);
      if (outcome.report === undefined) {
        return { cause: fromWireError(outcome.cause), isDeath: false };
      }
      this.reports.push({ output: outputName, sink, report: outcome.report });
      return undefined;
    } catch (cause) {
      return { cause, isDeath: true };
    }
  }
}

function collectorsOf(outputs: readonly InspectedOutput[], lanes: number): Collector[] {
  return outputs.flatMap(({ name, sinks }, output) =>
    sinks.flatMap((own, sink) =>
      own.collect === undefined
        ? []
        : [
            {
              output,
              sink,
              outputName: name,
              sinkName: own.name,
              channels: Array.from({ length: lanes }, () => new MessageChannel()),
            },
          ],
    ),
  );
}

/** The error that ends the run where a collector failed. */
function collectorError({ output, sink, cause, isDeath }: CollectorFailure): LaneError {
  const what = `output ${output}, sink ${sink}, for all lanes`;
  const message = cause instanceof Error ? cause.message : String(cause);
  const details = { phase: 'sink', output, sink };
  if (isDeath) {
    return new LaneError('ERR_SOCKFLOW_LANE_DIED', `the thread of ${what} died: ${message}`, {
      details,
      remedy:
        'it ended by itself: look for process.exit in the sink; what it had not written is lost',
      cause,
    });
  }
  return new LaneError('ERR_SOCKFLOW_LANE_FAILED', `${what} failed: ${message}`, {
    details,
    remedy: remedyOf(cause) ?? 'mend what the message tells of; the lanes were drained',
    cause,
  });
}

/** The error that ends the run, where there is one: that of a collector before those of the lanes that it failed, which can say no more than that it is gone. */
export function runError(
  lanes: readonly LaneEndFailure[],
  collectors: readonly CollectorFailure[],
): unknown {
  const [first, ...others] = lanes.filter((lane) => !isEcho(lane, collectors));
  if (first !== undefined) return laneError(first, others);
  const [collector] = collectors;
  return collector === undefined ? undefined : collectorError(collector);
}

function isEcho({ failure }: LaneEndFailure, collectors: readonly CollectorFailure[]): boolean {
  return collectors.some(
    ({ output, sink }) =>
      failure?.place.phase === 'sink' &&
      failure.place.output === output &&
      failure.place.sink === sink,
  );
}
