import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { KafkaBroker, requireKafka, useTempDir } from '@sockflow/test-support';

import { LIVE_RECORDING, REAL_RECORDING, sockflow, sockflowOk } from '../cli/sockflow-command.ts';

/** As the sink writes them; each is to come back as the same events. */
const ENCODINGS = ['json', 'msgpack', 'slots'];

/** Lines of files, in an order that does not depend on partitions. That of a lane without such an event is empty. */
function sortedEvents(...paths: string[]): string[] {
  return paths
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '' && !line.startsWith('{"kind":"CLOCK_ANCHOR"'))
    .toSorted();
}

/** A config of one topic's events into a file. */
function configOf(source: Readonly<Record<string, unknown>>, more: object = {}): string {
  return JSON.stringify({
    source: { kafka: { topic: 'events', group: 'group', until: 'now', ...source } },
    sinks: ['file:out.ndjson'],
    ...more,
  });
}

/** Two hosts in one topic, with snapshots and clock anchors. */
async function checkEncodings(t: TestContext, { address }: KafkaBroker): Promise<void> {
  const cwd = useTempDir(t);
  const sinks = ENCODINGS.flatMap((encoding) => [
    '--sink',
    `kafka://${address}/${encoding}?encoding=${encoding}&create-topic=true`,
  ]);
  const recordings = [REAL_RECORDING, LIVE_RECORDING];
  sockflowOk(['replay', ...recordings, '--sink', 'file:same.ndjson', ...sinks], { cwd });
  const expected = sortedEvents(join(cwd, 'same.ndjson'));
  assert.equal(expected.length, 3595 + 965);
  for (const encoding of ENCODINGS) {
    writeFileSync(join(cwd, 'config.json'), configOf({ brokers: address, topic: encoding }));
    sockflowOk(['run', '-c', 'config.json'], { cwd });
    assert.deepEqual(sortedEvents(join(cwd, 'out.ndjson')), expected, encoding);
  }
}

async function checkConfig(t: TestContext, { address }: KafkaBroker): Promise<void> {
  const cwd = useTempDir(t);
  const put = (text: string): void => writeFileSync(join(cwd, 'config.yaml'), text);
  const into = ['--sink', `kafka://${address}/events?create-topic=true`];
  sockflowOk(['replay', REAL_RECORDING, ...into], { cwd });
  const what = ['--op', 'RETRANS_CB,RTO_CB', '--sink', 'file:same.ndjson'];
  sockflowOk(['replay', REAL_RECORDING, ...what], { cwd });
  const losses = { filters: { op: ['RETRANS_CB', 'RTO_CB'] }, lanes: 2 };
  put(configOf({ brokers: ['${BROKER}'], 'commit-every': '100ms' }, losses));
  const env = { BROKER: address };
  assert.match(sockflowOk(['validate', '-c', 'config.yaml'], { cwd, env }).stderr, /: valid/);
  const { stdout } = sockflowOk(['run', '-c', 'config.yaml', '--json'], { cwd, env });
  assert.equal(JSON.parse(stdout).outcome, 'completed', stdout);
  const parts = [0, 1].map((lane) => join(cwd, `out.${lane}.ndjson`));
  assert.deepEqual(sortedEvents(...parts), sortedEvents(join(cwd, 'same.ndjson')));

  // Committed: the group begins where it has come to, and ends by the clock.
  put(configOf({ brokers: address, until: undefined }, { duration: '1s', lanes: 1 }));
  const again = JSON.parse(sockflowOk(['run', '-c', 'config.yaml', '--json'], { cwd }).stdout);
  assert.equal(again.ledger.total.outputs[0].sinks[0].given, 0);

  put(configOf({ brokers: address, topic: 'nothing' }));
  const { status, stderr } = sockflow(['run', '-c', 'config.yaml'], { cwd });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /^error ERR_SOCKFLOW_KAFKA_TOPIC: .*'nothing'/m);
}

test('events come back from a topic', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t, { properties: { 'num.partitions': '3' } });
  await t.test('the same in every encoding', (each) => checkEncodings(each, broker));
  await t.test('as a config file says, and validate checks', (each) => checkConfig(each, broker));
});
