import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type KafkaBroker, useTempDir } from '@sockflow/test-support';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { RunningCommand } from '../durability/running-command.ts';
import { FIELDS } from './outage-events.ts';

export interface Outage {
  readonly broker: KafkaBroker;
  readonly recording: string;
  readonly topic: string;
  readonly directory: string;
  readonly goPath: string;
  sink(more: string): string;
}

export function outageOf(t: TestContext, broker: KafkaBroker, topic: string): Outage {
  const dir = useTempDir(t);
  const recording = join(dir, 'in.sfrec');
  sockflowOk(['gen', recording, '--size', '4MiB', '--seed', topic]);
  broker.createTopic(topic, 3);
  const base = `kafka://${broker.address}/${topic}?fields=${FIELDS}`;
  const directory = join(dir, 'spool');
  const sink = (more: string): string => `${base}&${more}`;
  return { broker, recording, topic, directory, goPath: join(dir, 'go'), sink };
}

/** Starts a run, and has the broker die in the middle of it. */
export async function runIntoOutage(outage: Outage, more: string): Promise<RunningCommand> {
  const { broker, recording, goPath } = outage;
  const run = await RunningCommand.held(recording, outage.sink(more), goPath);
  await broker.stop('SIGKILL');
  RunningCommand.goOn(goPath);
  return run;
}

export interface SinkCounts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly spooled: number;
}

export function countsOf(summary: string): SinkCounts {
  const [{ sinks = [] } = {}] = JSON.parse(summary).ledger.total.outputs;
  const [counts] = sinks;
  return counts;
}
