import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { requireKafka } from '@sockflow/test-support';

import { whyNoKernel } from '../harness/kernel-needs.ts';
import { plot } from './plot.ts';
import { steadyAgent } from './steady-agent.ts';
import { steadyFigures } from './steady-figures.ts';

const USAGE = `usage: npm run bench:agent -- [--minutes N] [--connections N] [--every S] [--query TEXT] --out DIR

The agent under a steady load: resident memory, CPU and events, from its status lines and /proc, to DIR/agent.json and DIR/agent.svg.
Needs root, a cgroup2, gcc, Java and Maven. Ends by itself; Ctrl-C ends it early, with what there is.

  --minutes      how long (60)
  --connections  TCP connections a second on loopback (200), about 16 events each
  --every        seconds between samples (5)
  --query        options of the sink (compression=lz4)
  --out          where to write`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    connections: { type: 'string', default: '200' },
    every: { type: 'string', default: '5' },
    query: { type: 'string', default: 'compression=lz4' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const note = (text: string): void => void process.stderr.write(`${text}\n`);
if (values.help || values.out === undefined) {
  note(USAGE);
  process.exit(values.help ? 0 : 2);
}
const missing: string[] = [];
const kernel = whyNoKernel();
if (kernel !== undefined) missing.push(kernel);
requireKafka({ skip: (reason = 'Kafka') => missing.push(reason) });
if (missing.length > 0) {
  note(`not measured: ${missing.join('; ')}`);
  process.exit(1);
}

const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const result = await steadyAgent({
  minutes: Number(values.minutes),
  connectionsPerSec: Number(values.connections),
  sampleEveryS: Number(values.every),
  sinkQuery: values.query,
  dir: out,
  note,
  signal: stop.signal,
});
const figures = steadyFigures(result);
writeFileSync(join(out, 'agent.json'), `${JSON.stringify({ figures, ...result }, undefined, 1)}\n`);
const { eventsPerSec, minutes } = figures;
const title = `sockflow run, kernel to Kafka: ${minutes} min at ${eventsPerSec} events/s`;
writeFileSync(join(out, 'agent.svg'), plot(title, result.samples));
process.stdout.write(`${JSON.stringify(figures, undefined, 1)}\n`);
// All that was read was acknowledged and is in the topic; besides it there are markers: a loss in one partition, a clock anchor in each.
const isWhole = result.read === result.acknowledged && figures.otherRecords >= result.markers;
if (!isWhole || figures.otherRecords > result.markers * result.partitions) {
  note('the ledger and the topic do not agree');
  process.exitCode = 1;
}
