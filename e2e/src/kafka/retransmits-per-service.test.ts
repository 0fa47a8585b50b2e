import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { KafkaBroker, requireKafka, until, useTempDir } from '@sockflow/test-support';
import { filterOp, fromReplay, Op, Role } from 'sockflow';

import { runCommand, WORKSPACE } from '../workspace.ts';
import { consumeAll } from './consume-all.ts';

const EXAMPLE = join(WORKSPACE, 'examples/retransmits-per-service');
const COMMAND = join(WORKSPACE, 'packages/cli/bin/sockflow.js');
const REAL = join(WORKSPACE, 'fixtures/real.sfrec');
const MADE = [
  '--connections',
  '400',
  '--rate',
  '3',
  '--loss',
  '3%',
  '--origins',
  '2',
  '--seed',
  '11',
];
const SERVICES: Readonly<Record<string, readonly number[]>> = {
  search: [8005, 8006, 8007],
  https: [443, 8443],
  databases: [3306, 5432, 6379],
};
/** A command, or a Java tool, on a machine that is busy with other tests. */
const TIMEOUT_MS = 90_000;

interface Count {
  readonly service: string;
  readonly minute?: string;
  readonly segments: number;
}

function runArgs(params: Readonly<Record<string, string>>): string[] {
  const options = Object.entries(params).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
  return [COMMAND, 'run', 'src/retransmits-per-service.pipeline.ts', '--quiet', ...options];
}

/** Segments by service and minute. */
function totals(counts: readonly Count[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { service, minute = '', segments } of counts) {
    const key = `${service} ${minute}`;
    sums[key] = (sums[key] ?? 0) + segments;
  }
  return Object.fromEntries(Object.entries(sums).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** The truth, in-process, event by event, without anything of the example. */
async function truthOf(recordings: readonly string[]): Promise<Record<string, number>> {
  const counts: Count[] = [];
  for (const recording of recordings) {
    await fromReplay(recording)
      .pipe(filterOp(Op.RETRANS_CB))
      .forEach((batch) => {
        for (const event of batch) {
          const served = event.role === Role.CLIENT ? event.remotePort : event.localPort;
          const address = event.role === Role.CLIENT ? event.remoteAddress : event.localAddress;
          const [service = 'other'] =
            Object.entries(SERVICES).find(([, ports]) => ports.includes(served)) ?? [];
          const isOffice = service === 'other' && /^198\.1[89]\./.test(address ?? '');
          const minute = event.wallNs === undefined ? undefined : minuteOf(event.wallNs);
          counts.push({
            service: isOffice ? 'office' : service,
            ...(minute === undefined ? {} : { minute }),
            segments: event.retransSegs,
          });
        }
      });
  }
  return totals(counts);
}

function minuteOf(wallNs: bigint): string {
  return `${new Date(Number(wallNs / 1_000_000n)).toISOString().slice(0, 17)}00.000Z`;
}

/** A process of the group, and the counts it has printed so far. */
class Member {
  readonly counts: Count[] = [];
  readonly #child: ChildProcess;

  constructor(t: TestContext, params: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, runArgs(params), {
      cwd: EXAMPLE,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => this.#child.kill('SIGKILL'));
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.counts.push(...lines.map((line) => JSON.parse(line) as Count));
    });
  }

  /** Ends it as an operator would; it drains first. */
  async stop(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    assert.deepEqual(await closed, [143, null]);
  }
}

/** Members of a group that have partitions, as Kafka's own tool says. */
function membersWithPartitions(broker: KafkaBroker, group: string): number {
  try {
    const table = broker.tool('consumer.group.ConsumerGroupCommand', [
      '--describe',
      '--members',
      '--group',
      group,
    ]);
    return [...table.matchAll(new RegExp(`^${group} .* ([1-9]\\d*) *$`, 'gm'))].length;
  } catch {
    return 0; // no such group yet
  }
}

test('examples/retransmits-per-service', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  const made = join(useTempDir(t), 'made.sfrec');
  runCommand(process.execPath, [COMMAND, 'gen', made, ...MADE], { cwd: WORKSPACE });
  const recordings = [REAL, made];
  const truth = await truthOf(recordings);
  assert.ok(Object.keys(truth).length > 6);
  await t.test('what two processes count adds up to the truth, each event once', (own) =>
    checkTwoProcesses(own, { broker, recordings, truth }),
  );
  await t.test('one process writes the counts of all there is to a topic, and ends', () => {
    broker.createTopic('counts', 2);
    const brokers = broker.address;
    const params = { brokers, topic: 'events', group: 'one', until: 'now', out: 'counts' };
    runCommand(process.execPath, runArgs(params), { cwd: EXAMPLE });
    const records = consumeAll(broker, 'counts');
    assert.deepEqual(totals(records.map(({ value }) => JSON.parse(value) as Count)), truth);
    for (const { key, value, headers } of records) {
      assert.equal(key, (JSON.parse(value) as Count).service);
      assert.match(headers, /sockflow-schema:value-json\/1/);
    }
  });
});

async function checkTwoProcesses(
  t: TestContext,
  {
    broker,
    recordings,
    truth,
  }: {
    readonly broker: KafkaBroker;
    readonly recordings: readonly string[];
    readonly truth: Readonly<Record<string, number>>;
  },
): Promise<void> {
  broker.createTopic('events', 4);
  const params = { brokers: broker.address, topic: 'events', group: 'two' };
  const members = [new Member(t, params), new Member(t, params)];
  await until(
    'both to have partitions',
    () => membersWithPartitions(broker, 'two') === 2,
    TIMEOUT_MS,
  );
  for (const recording of recordings) {
    const sink = `kafka://${broker.address}/events`;
    runCommand(process.execPath, [COMMAND, 'replay', recording, '--sink', sink, '--quiet'], {
      cwd: WORKSPACE,
    });
  }
  const sumOf = (sums: Readonly<Record<string, number>>): number =>
    Object.values(sums).reduce((sum, segments) => sum + segments, 0);
  await until(
    'all of it',
    () => sumOf(totals(members.flatMap(({ counts }) => counts))) >= sumOf(truth),
    TIMEOUT_MS,
  );
  for (const member of members) await member.stop();
  for (const { counts } of members) assert.ok(counts.length > 0, 'each had its share');
  assert.deepEqual(totals(members.flatMap(({ counts }) => counts)), truth);
}
