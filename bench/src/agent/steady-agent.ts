import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Machine, machineFacts } from '@sockflow/benchmark';
import { KafkaBroker } from '@sockflow/test-support';

import { withPlaces } from '../harness/places.ts';
import { type AgentEnd, AgentProcess } from './agent-process.ts';
import { usageOf } from './process-usage.ts';
import { type Sample, Samples } from './samples.ts';
import { SteadyLoad } from './steady-load.ts';

const TOPIC = 'events';
const PARTITIONS = 4;
const POLL_MS = 500;

/** What is measured, and where it is written. */
export interface SteadyAgentOptions {
  readonly minutes: number;
  readonly connectionsPerSec: number;
  readonly sampleEveryS: number;
  /** What follows `?` in the sink. */
  readonly sinkQuery: string;
  /** For the agent's config and log. */
  readonly dir: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface SteadyAgentResult {
  readonly machine: Machine;
  readonly config: string;
  readonly connections: number;
  readonly exitCode: number | null;
  readonly drainMs: number;
  readonly read: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** By the broker's own tool: records of the topic, markers among them. */
  readonly topicRecords: number;
  readonly markers: number;
  readonly partitions: number;
  readonly samples: readonly Sample[];
}

/**
 *   traffic, own namespace and cgroup ──► kernel ──► sockflow run -c agent.yaml ──► Kafka, a real broker
 *                                                          │ status lines, /proc
 *                                                          ▼ samples
 *
 * The agent is a process of its own, as a service manager starts it, and is ended by SIGTERM.
 */
export function steadyAgent(options: SteadyAgentOptions): Promise<SteadyAgentResult> {
  return withPlaces(async (places) => {
    const { note, dir } = options;
    const broker = await KafkaBroker.start(places.owner, {
      // What consumers have had by then is of no use here.
      properties: { 'log.retention.check.interval.ms': '10000' },
    });
    broker.createTopic(TOPIC, PARTITIONS, ['retention.bytes=134217728', 'segment.bytes=33554432']);
    const load = await SteadyLoad.prepare(places, options.connectionsPerSec);
    const config = configOf(broker.address, load.cgroup, options.sinkQuery);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'agent.yaml'), config);
    const samples = new Samples();
    const startMs = performance.now();
    let isOver = false;
    const agent = new AgentProcess(dir, options.sampleEveryS, (status) => {
      if (!isOver && !agent.hasEnded)
        samples.add((performance.now() - startMs) / 1000, status, usageOf(agent.pid));
    });
    places.owner.after(() => agent.kill());
    await agent.isAttached;
    load.start();
    note(`agent ${agent.pid}, Kafka at ${broker.address}, ${options.minutes} min`);
    await runFor(options, agent, startMs);
    isOver = true;
    await load.stop();
    const end = await agent.stop();
    return resultOf(config, load, end, samples, broker);
  });
}

/** One lane, plain events as JSON: the defaults, but for the compression that everybody sets. */
function configOf(brokers: string, cgroup: string, sinkQuery: string): string {
  const query = sinkQuery === '' ? '' : `?${sinkQuery}`;
  return `source:
  bpf: { cgroup: ${cgroup} }
sinks:
  - kafka://${brokers}/${TOPIC}${query}
`;
}

async function runFor(
  { minutes, signal }: SteadyAgentOptions,
  agent: AgentProcess,
  startMs: number,
): Promise<void> {
  while (performance.now() - startMs < minutes * 60_000 && !signal.aborted) {
    if (agent.hasEnded) throw new Error('the agent ended before its time; see agent.log');
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

function resultOf(
  config: string,
  load: SteadyLoad,
  { exitCode, drainMs, summary }: AgentEnd,
  samples: Samples,
  broker: KafkaBroker,
): SteadyAgentResult {
  if (summary === undefined) throw new Error(`the agent left no summary, exit code ${exitCode}`);
  const { read, markers, outputs } = summary.ledger.total;
  const sink = outputs[0]?.sinks[0];
  return {
    machine: machineFacts(),
    config: config.replaceAll(load.cgroup, '/its-own'),
    connections: load.made,
    exitCode,
    drainMs: Math.round(drainMs),
    read,
    acknowledged: sink?.acknowledged ?? 0,
    failed: sink?.failed ?? 0,
    topicRecords: broker.endOffsets(TOPIC).reduce((sum, end) => sum + end, 0),
    markers,
    partitions: PARTITIONS,
    samples: samples.list(),
  };
}
