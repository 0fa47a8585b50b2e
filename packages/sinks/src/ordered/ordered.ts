import { MessageChannel } from 'node:worker_threads';

import {
  ConfigError,
  SLOT_STEP_BYTES,
  type Sink,
  type SinkCollectContext,
  type SinkContext,
  type SinkPrepareContext,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { isWaitingFile } from '../file/file.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { LaneEnd, type LaneEndOptions } from './lane-end.ts';

const BUFFER_BYTES = 16 * 1024 * 1024;
const MIN_BUFFER_BYTES = 4096;
const MAX_BUFFER_BYTES = 1024 * 1024 * 1024;
const MAX_BLOCK_BYTES = 256 * 1024;
const MIN_BLOCK_BYTES = 1024;
const IDLE_MS = 1000;
const MAX_IDLE_MS = 2 ** 31 - 1;

/** Settings of {@link ordered}. */
export interface OrderedOptions {
  /** Of each lane: what may wait for the other lanes before it is held back; 16 MiB where not given. */
  readonly bufferBytes?: number;
  /** After how long the others go on without a lane whose source has nothing and does not say how late it is, ms; 1000 where not given. */
  readonly idleMs?: number;
}

class OrderedSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly target?: string;
  readonly otherTargets?: readonly string[];
  readonly #inner: Sink;
  readonly #options: CollectorOptions;

  constructor(inner: Sink, options: CollectorOptions) {
    this.name = `ordered(${inner.name})`;
    this.accepts = 'batches';
    if (inner.target !== undefined) this.target = inner.target;
    if (inner.otherTargets !== undefined) this.otherTargets = inner.otherTargets;
    this.#inner = inner;
    this.#options = options;
  }

  async prepare(context: SinkPrepareContext): Promise<void> {
    if (context.lanes > 1 && isMemory(this.#inner)) throw memoryRefused(this.name);
    await this.#inner.prepare?.({ ...context, lanes: 1 });
  }

  async open({ collector }: SinkContext): Promise<SinkWriter> {
    const end = collector === undefined ? this.#openAlone() : new LaneEnd(collector, this.#lane());
    await end.opened;
    return end;
  }

  collect({ ports }: SinkCollectContext): Promise<SinkReport> {
    return new Collector(this.#inner, ports, this.#options).run();
  }

  /** The only lane, or no lane at all: the collector runs in the same thread. */
  #openAlone(): LaneEnd {
    const { port1, port2 } = new MessageChannel();
    const failed: { error?: unknown } = {};
    const collector = new Collector(this.#inner, [port2], {
      ...this.#options,
      onFailure: (error) => {
        failed.error = error;
      },
    });
    const collected = collector.run();
    // Told by what waits for it, at the latest by `close`.
    collected.catch(() => {});
    return new LaneEnd(port1, {
      ...this.#lane(),
      beside: { failure: () => failed.error, collected },
    });
  }

  #lane(): LaneEndOptions {
    const { limitBytes } = this.#options;
    const quarterBytes = Math.floor(limitBytes / 4 / SLOT_STEP_BYTES) * SLOT_STEP_BYTES;
    const blockBytes = Math.min(MAX_BLOCK_BYTES, Math.max(MIN_BLOCK_BYTES, quarterBytes));
    return { sinkName: this.name, limitBytes, blockBytes };
  }
}

/**
 * One output of all lanes, in the order of time: what the lanes give goes through one writer of the sink that is wrapped, as if there were one lane. Whatever that sink does (one file, a series of parts,
 * compression, fsync, a recording) it does once.
 *
 * Events of one host and boot are in the order of their time, to the nanosecond; of the same time, by socket cookie: the same output for any number of lanes. Costs a thread, a copy of each event and
 * `bufferBytes` a lane. Values have no time: only batches are taken.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_SINK_INPUT
 */
export function ordered(sink: Sink, options: OrderedOptions = {}): Sink {
  const { bufferBytes = BUFFER_BYTES, idleMs = IDLE_MS } = options;
  checkNumber('bufferBytes', bufferBytes, MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
  checkNumber('idleMs', idleMs, 0, MAX_IDLE_MS);
  if (sink.accepts === 'values') {
    throw new ConfigError(
      'ERR_SOCKFLOW_SINK_INPUT',
      `${sink.name} takes values only: they have no time to be ordered by`,
      { remedy: 'Give ordered() a sink that takes events', details: { sink: sink.name } },
    );
  }
  if (isWaitingFile(sink)) throw waitsInOrder(sink.name);
  return new OrderedSink(sink, { limitBytes: bufferBytes, idleMs });
}

/** The end that puts lanes in order is no lane's: nobody tells it that the run is to end. */
function waitsInOrder(sink: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${sink} with 'on-error=wait' cannot be put in an order: the lanes' one end would wait for ever`,
    {
      remedy: "Leave on-error=wait (onError: 'wait') or the order out",
      details: { option: 'on-error', sink },
    },
  );
}

function isMemory(sink: Sink): boolean {
  return sink.name === 'memory' && 'events' in sink && 'clear' in sink;
}

function memoryRefused(name: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${name} would keep what several lanes give where nobody sees it`,
    {
      remedy: 'Take one lane, or memory() alone: its events arrive in the results of the run',
      details: { sink: name },
    },
  );
}

function checkNumber(option: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `'${option}' of an ordered output is ${value}, expected ${min} to ${max}`,
    { remedy: `Give '${option}' as a number from ${min} to ${max}`, details: { option, value } },
  );
}
