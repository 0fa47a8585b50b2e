import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import {
  KafkaBroker,
  requireKafka,
  requireKernel,
  TestCgroup,
  TrafficProcess,
  until,
} from '@sockflow/test-support';
import { filterOp, fromReplay, Op, toObjects } from 'sockflow';

import { sockOpsPrograms } from '../kernel/sock-ops-program.ts';
import { runCommand, WORKSPACE } from '../workspace.ts';
import { type ConsumedRecord, consumeAll } from './consume-all.ts';

const EXAMPLE = join(WORKSPACE, 'examples/live-to-kafka');
const COMMAND = join(WORKSPACE, 'packages/cli/bin/sockflow.js');
const RECORDING = join(WORKSPACE, 'fixtures/real.sfrec');
/** A command on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 60_000;

interface Event {
  readonly kind: string;
  readonly op: string;
  readonly netnsCookie: string;
  readonly cookie: string;
  readonly tsNs: string;
  readonly localPort: number;
  readonly oldState?: string;
  readonly newState?: string;
}

function runArgs(params: Readonly<Record<string, string>>): string[] {
  const options = Object.entries(params).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
  return [COMMAND, 'run', 'src/live-to-kafka.pipeline.ts', '--json', ...options];
}

function deliveredBy(summary: string): { given: number; acknowledged: number; failed: number } {
  const [{ sinks = [] } = {}] = JSON.parse(summary).ledger.total.outputs;
  const [{ given, acknowledged, failed }] = sinks;
  return { given, acknowledged, failed };
}

/** Without clock anchors and loss markers, which are records too and belong to no connection. */
function eventsOf(records: readonly ConsumedRecord[]): ConsumedRecord[] {
  return records.filter(({ value }) => (JSON.parse(value) as Event).kind === 'OP');
}

/** Events of each connection, each of which is in one partition, in order of time. */
function byConnection(records: readonly ConsumedRecord[]): Map<string, Event[]> {
  const events = new Map<string, Event[]>();
  const partitions = new Map<string, number>();
  for (const { partition, key, value } of records) {
    const event = JSON.parse(value) as Event;
    assert.ok(key.endsWith(`/${event.netnsCookie}:${event.cookie}`), key);
    assert.equal(partitions.get(key) ?? partition, partition, key);
    partitions.set(key, partition);
    const earlier = events.get(key) ?? [];
    assert.ok(BigInt(earlier.at(-1)?.tsNs ?? 0) <= BigInt(event.tsNs), `order of ${key}`);
    events.set(key, [...earlier, event]);
  }
  return events;
}

test('examples/live-to-kafka', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  await t.test(
    'what the kernel says of a connection is in the topic, each end in one partition, in order',
    (live) => checkLive(live, broker),
  );
  await t.test('from a recording it is the same stream: each of its events once', () => {
    return checkRecorded(broker);
  });
});

/** Four connections after another, of a cgroup of their own. */
async function makeTraffic(
  t: TestContext,
  cgroup: TestCgroup,
): Promise<{ listenerPort: number; clientPorts: number[]; make: () => Promise<void> }> {
  const server = await TrafficProcess.start(t, { cgroup });
  const client = await TrafficProcess.start(t, { cgroup });
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const clientPorts: number[] = [];
  const make = async (): Promise<void> => {
    for (let connection = 0; connection < 4; connection++) {
      const near = await client.connect({ host: '127.0.0.1', port: listener.port });
      const far = await listener.accept();
      await near.exchange(2, 100);
      await near.end();
      await near.closed();
      await far.closed();
      clientPorts.push(near.localPort);
    }
  };
  return { listenerPort: listener.port, clientPorts, make };
}

async function checkLive(t: TestContext, broker: KafkaBroker): Promise<void> {
  if (!requireKernel(t)) return;
  broker.createTopic('live', 3);
  const cgroup = TestCgroup.use(t);
  const traffic = await makeTraffic(t, cgroup);
  const child = spawn(
    process.execPath,
    runArgs({ brokers: broker.address, topic: 'live', cgroup: cgroup.path }),
    { cwd: EXAMPLE, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  let summary = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (summary += text));
  await until('the program', () => sockOpsPrograms(cgroup.path).length > 0, START_TIMEOUT_MS);
  await traffic.make();
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'close'), [130, null], 'drained');

  const { given, acknowledged, failed } = deliveredBy(summary);
  assert.deepEqual([acknowledged, failed], [given, 0]);
  const records = eventsOf(consumeAll(broker, 'live'));
  assert.equal(records.length, given);
  const lives = [...byConnection(records).values()].map((events) =>
    events
      .filter(({ op }) => op === 'STATE_CB')
      .map(({ localPort, newState }) => `${localPort} ${newState}`)
      .join(', '),
  );
  for (const port of traffic.clientPorts) {
    const [own, ...more] = lives.filter((life) => life.includes(`${port} ESTABLISHED`));
    assert.deepEqual(more, []);
    // The kernel reports states from connect on, so the step into SYN_SENT is not among them.
    assert.match(own ?? '', new RegExp(`^${port} ESTABLISHED, .*${port} CLOSE$`));
  }
  const served = lives.filter((life) =>
    new RegExp(`^${traffic.listenerPort} ESTABLISHED, .* CLOSE$`).test(life),
  );
  assert.equal(served.length, traffic.clientPorts.length, lives.join('\n'));
}

async function checkRecorded(broker: KafkaBroker): Promise<void> {
  broker.createTopic('recorded', 3);
  const summary = runCommand(
    process.execPath,
    runArgs({ brokers: broker.address, topic: 'recorded', recording: RECORDING }),
    { cwd: EXAMPLE },
  );
  const expected: string[] = [];
  await fromReplay(RECORDING)
    .pipe(filterOp(Op.STATE_CB, Op.RETRANS_CB, Op.RTO_CB), toObjects())
    .forEach(({ op, netnsCookie, cookie, tsNs }) =>
      expected.push(`${op} ${netnsCookie} ${cookie} ${tsNs}`),
    );
  assert.equal(deliveredBy(summary).acknowledged, expected.length);
  const records = eventsOf(consumeAll(broker, 'recorded'));
  const found = [...byConnection(records).values()]
    .flat()
    .map(({ op, netnsCookie, cookie, tsNs }) => `${op} ${netnsCookie} ${cookie} ${tsNs}`);
  assert.deepEqual(sorted(found), sorted(expected));
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => a.localeCompare(b));
}
