import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';

import {
  KafkaBroker,
  requireKafka,
  requireKernel,
  requireTool,
  type TestCgroup,
  type TrafficProcess,
  until,
} from '@sockflow/test-support';

import { talk, useLoopback } from '../cli/live-command.ts';
import { assertGone, attachedTo, objectsOf } from '../kernel-faults/kernel-objects.ts';
import { UnitAgent, useSandbox } from './unit-agent.ts';

const TOOLS = ['bpftool', 'gcc', 'setpriv', 'unshare'] as const;
/** What a machine that stands still may take longer. */
const SLACK_MS = 60_000;
const DRAIN_MS = 3000;
const STATUS = 'status-every: 200ms';

const cleanUps: (() => void | Promise<void>)[] = [];
let broker: KafkaBroker | undefined;

after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** One for the file, started by the first test that needs it. */
async function sharedBroker(): Promise<KafkaBroker> {
  broker ??= await KafkaBroker.start({ after: (cleanUp) => void cleanUps.push(cleanUp) });
  return broker;
}

interface Scene {
  readonly cgroup: TestCgroup;
  readonly traffic: TrafficProcess;
}

async function sceneOf(t: TestContext): Promise<Scene | undefined> {
  if (!requireKernel(t, { tools: TOOLS }) || !requireTool(t, 'systemd-analyze')) return undefined;
  return useLoopback(t);
}

function configOf({ cgroup }: Scene, sink: string): string {
  return `source: { bpf: { cgroup: ${cgroup.path} } }
sinks: ['${sink}']
${STATUS}
`;
}

/** Connections whose events the agent has read. */
async function talkUntilRead(agent: UnitAgent, { traffic }: Scene): Promise<number> {
  const before = agent.status('events') || 0;
  await talk(traffic, 5);
  await until('the events to be read', () => agent.status('events') > before, SLACK_MS);
  return agent.status('events');
}

function recordsOf(kafka: KafkaBroker, topic: string): number {
  return kafka.endOffsets(topic).reduce((sum, end) => sum + end, 0);
}

test('an agent that is killed leaves nothing in the kernel, and the next one starts as if there had been none', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined) return;
  const place = useSandbox(t);
  const config = configOf(scene, 'file:/var/lib/sockflow/out.ndjson?rotate=1MiB');
  const first = new UnitAgent(t, place, { config });
  await first.untilAttached();
  const objects = objectsOf(first.pid);
  await talkUntilRead(first, scene);
  const { signal } = await first.end('SIGKILL');
  assert.equal(signal, 'SIGKILL');
  await assertGone(objects);
  assert.deepEqual(attachedTo(scene.cgroup.path), []);
  const second = new UnitAgent(t, place, { config });
  await second.untilAttached();
  assert.equal(attachedTo(scene.cgroup.path).length, 1);
  await talkUntilRead(second, scene);
  const { status, stderr } = await second.end('SIGTERM');
  assert.equal(status, 143, stderr);
});

test('SIGHUP asks for nothing that the agent could do: it ends at once, and leaves nothing in the kernel', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined) return;
  const config = configOf(scene, 'file:/var/lib/sockflow/out.ndjson');
  const agent = new UnitAgent(t, useSandbox(t), { config });
  await agent.untilAttached();
  const objects = objectsOf(agent.pid);
  const { signal } = await agent.end('SIGHUP');
  assert.equal(signal, 'SIGHUP');
  await assertGone(objects);
});

test('without a spool a stop while the broker is gone ends by the deadline, as a failed run that says what it gave up', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined || !requireKafka(t)) return;
  const kafka = await sharedBroker();
  kafka.createTopic('given-up');
  const config = `${configOf(scene, `kafka://${kafka.address}/given-up`)}drain-timeout: ${DRAIN_MS}ms\n`;
  const agent = new UnitAgent(t, useSandbox(t), { config });
  await agent.untilAttached();
  kafka.freeze();
  try {
    await talkUntilRead(agent, scene);
    const startMs = performance.now();
    const { status, stderr } = await agent.end('SIGTERM');
    const tookMs = performance.now() - startMs;
    assert.equal(status, 1, stderr);
    assert.match(stderr, /ERR_SOCKFLOW_DRAIN_TIMEOUT.*kafka\(given-up\)/);
    assert.ok(tookMs >= DRAIN_MS * 0.9 && tookMs < DRAIN_MS + SLACK_MS, `${tookMs} ms`);
    assert.deepEqual(attachedTo(scene.cgroup.path), []);
  } finally {
    kafka.thaw();
  }
});

test('with a spool a stop while the broker is gone loses nothing: what it holds stays on disk, and the next start delivers it', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined || !requireKafka(t)) return;
  const kafka = await sharedBroker();
  kafka.createTopic('kept');
  const place = useSandbox(t);
  const sink = `kafka://${kafka.address}/kept?spool=\${STATE_DIRECTORY}/spool`;
  const first = new UnitAgent(t, place, { config: configOf(scene, sink) });
  await first.untilAttached();
  kafka.freeze();
  try {
    await talkUntilRead(first, scene);
    const { status, stderr } = await first.end('SIGTERM');
    assert.equal(status, 143, stderr);
  } finally {
    kafka.thaw();
  }
  const [, acknowledged, failed] = /kafka\(kept\)\S* .*?(\d+) +(\d+)$/m.exec(first.stderr) ?? [];
  const given = first.status('given');
  assert.ok(given > 0, first.stderr);
  assert.deepEqual([Number(acknowledged), Number(failed)], [given, 0], first.stderr);
  assert.notDeepEqual(readdirSync(join(place.stateDir, 'spool')), []);
  const second = new UnitAgent(t, place, { config: configOf(scene, sink) });
  await second.untilAttached();
  await until('the spool to be delivered', () => recordsOf(kafka, 'kept') >= given, SLACK_MS);
  const { status, stderr } = await second.end('SIGTERM');
  assert.equal(status, 143, stderr);
});
