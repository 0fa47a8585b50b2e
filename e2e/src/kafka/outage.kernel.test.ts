import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { SourceLedger } from '@sockflow/core';
import {
  KafkaBroker,
  requireKafka,
  requireKernel,
  TestCgroup,
  useTempDir,
} from '@sockflow/test-support';

import { LiveRun, type LiveSummary } from '../kernel-faults/live-run.ts';
import { Traffic } from '../kernel-faults/traffic.ts';
import { consumeAll } from './consume-all.ts';

/** Their events are many times what ring and sink may hold. */
const CONNECTIONS = 6000;

interface SinkCounts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly spooled: number;
}

interface Outage {
  readonly source: SourceLedger;
  readonly sink: SinkCounts;
  /** Of events; loss markers and clock anchors are records of their own. */
  readonly records: number;
}

/** Connections while the broker is up, while it is dead, and when it is back. */
async function runThroughOutage(
  t: TestContext,
  broker: KafkaBroker,
  topic: string,
  sink: string,
): Promise<Outage> {
  broker.createTopic(topic, 2);
  const cgroup = TestCgroup.use(t);
  const traffic = await Traffic.start(t, cgroup.path);
  const live = await LiveRun.start(t, {
    bpf: { cgroup: cgroup.path, rtt: 'raw', ringBytes: 65_536, existing: 'off' },
    head: `import { kafka, spool } from 'sockflow';\nconst topic = { brokers: '${broker.address}', topic: '${topic}', maxInFlightBytes: 524288 };`,
    sinks: `[${sink}]`,
  });
  await traffic.churn(20);
  await broker.stop('SIGKILL');
  await traffic.churn(CONNECTIONS);
  await broker.restart();
  await traffic.churn(20);
  await traffic.end();
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  const summary = end.summary as LiveSummary;
  const { source, total } = summary.ledger;
  assert.ok(source !== undefined, end.stdout);
  const counts = total.outputs[0]?.sinks[0] as unknown as SinkCounts;
  const records = consumeAll(broker, topic).filter(({ value }) => isEvent(value)).length;
  return { source, sink: counts, records };
}

function isEvent(value: string): boolean {
  const { kind } = JSON.parse(value) as { readonly kind: string };
  return kind !== 'LOSS_MARKER' && kind !== 'CLOCK_ANCHOR';
}

/** K1 for each class, computed once more. @returns events that were left out while the ring was full */
function leftOut({ counts, isSettled }: SourceLedger): number {
  assert.equal(isSettled, true);
  let left = 0;
  for (const own of counts) {
    const { seen, made, submitted, notAskedFor, filtered, folded, shed, lost } = own;
    const ways = submitted + notAskedFor + filtered + folded + shed + lost;
    assert.equal(seen + made, ways, `K1: ${JSON.stringify(own)}`);
    left += shed + lost;
  }
  return left;
}

test('the broker of a live run is killed and comes back', async (t) => {
  if (!requireKafka(t) || !requireKernel(t, { tools: ['gcc'] })) return;
  const broker = await KafkaBroker.start(t);

  await t.test(
    'without a spool the kernel sheds by class, all of it counted, and what was taken is in the topic',
    async (sub) => {
      const { source, sink, records } = await runThroughOutage(sub, broker, 'shed', 'kafka(topic)');
      const left = leftOut(source);
      assert.ok(left > 0, JSON.stringify(source.counts));
      assert.ok(
        source.counts.some(({ shed }) => shed > 0),
        JSON.stringify(source.counts),
      );
      assert.deepEqual([sink.acknowledged, sink.failed], [sink.given, 0]);
      assert.ok(records >= sink.given, `${records} records of ${sink.given} events`);
      sub.diagnostic(`${left} events left out, ${sink.given} delivered in ${records} records`);
    },
  );

  await t.test('with a spool its lane reads on', async (sub) => {
    const directory = join(useTempDir(sub), 'spool');
    const options = JSON.stringify({ directory, lagAfterMs: 0, closeAfterMs: 60_000 });
    const { source, sink, records } = await runThroughOutage(
      sub,
      broker,
      'spooled',
      `spool(kafka(topic), ${options})`,
    );
    const left = leftOut(source);
    assert.ok(sink.spooled > CONNECTIONS, `${sink.spooled} spooled`);
    assert.deepEqual([sink.acknowledged, sink.failed], [sink.given, 0]);
    assert.ok(records >= sink.given, `${records} records of ${sink.given} events`);
    sub.diagnostic(
      `${left} events left out, ${sink.given} delivered in ${records} records, ${sink.spooled} by way of the spool`,
    );
  });
});
