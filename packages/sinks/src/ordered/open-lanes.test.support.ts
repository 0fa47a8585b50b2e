import { MessageChannel } from 'node:worker_threads';

import type { Sink, SinkReport, SinkWriter } from '@sockflow/core';

import { ordered, type OrderedOptions } from './ordered.ts';

/** The writers of all lanes, and what their collector comes to. */
export interface OpenLanes {
  readonly writers: readonly SinkWriter[];
  readonly collected: Promise<SinkReport>;
}

/** An ordered sink as a run of several lanes has it, in one thread. */
export async function openLanes(
  inner: Sink,
  lanes: number,
  options: OrderedOptions = {},
): Promise<OpenLanes> {
  const sink = ordered(inner, options);
  const channels = Array.from({ length: lanes }, () => new MessageChannel());
  const collected = (sink.collect as NonNullable<Sink['collect']>)({
    lanes,
    ports: channels.map(({ port2 }) => port2),
  });
  collected.catch(() => {});
  const writers = await Promise.all(
    channels.map(async ({ port1 }, lane) => sink.open({ lane, lanes, collector: port1 })),
  );
  return { writers, collected };
}

/** Flushes and closes all lanes, each by itself. */
export async function endLanes(writers: readonly SinkWriter[]): Promise<void> {
  await Promise.all(
    writers.map(async (writer) => {
      await writer.flush();
      await writer.close({ isComplete: true });
    }),
  );
}

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
