import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import type { ConnectionTruth } from '@sockflow/source-replay/generate';
import {
  ClickHouse,
  type ClickHouseRow,
  KafkaBroker,
  requireClickHouse,
  requireKafka,
  until,
  useTempDir,
} from '@sockflow/test-support';
import { kafka, Op } from 'sockflow';

import { runCommand, WORKSPACE } from '../workspace.ts';

const SOCKFLOW = join(WORKSPACE, 'node_modules/.bin/sockflow');
const REAL = join(WORKSPACE, 'fixtures/real.sfrec');
const SCRIPT = readFileSync(join(WORKSPACE, 'docs/reference/clickhouse.sql'), 'utf8');
const GUIDE = readFileSync(join(WORKSPACE, 'docs/guides/beyond-one-machine.md'), 'utf8');
const TOPIC = 'tcp.events';
/** It takes in what came every 7.5 s, unless told otherwise. */
const OFTEN = 'kafka_flush_interval_ms = 500, ';
const CONSUMED_WITHIN_MS = 120_000;

type Line = Readonly<Record<string, unknown>>;

/** One broker, one topic, one ClickHouse with the script as it is but for the address. */
class Pipeline {
  readonly clickHouse: ClickHouse;
  readonly dir: string;
  readonly #sink: string;
  readonly #brokers: string;

  constructor(clickHouse: ClickHouse, dir: string, brokers: string) {
    this.clickHouse = clickHouse;
    this.dir = dir;
    this.#brokers = brokers;
    this.#sink = `kafka://${brokers}/${TOPIC}`;
  }

  async makeTables(): Promise<void> {
    assert.ok(SCRIPT.includes("'127.0.0.1:9092'"));
    const script = SCRIPT.replace('127.0.0.1:9092', this.#brokers);
    await this.clickHouse.run(script.replace(/(?=kafka_num_consumers)/, OFTEN));
    // What was made up happened long ago.
    await this.clickHouse.query('ALTER TABLE tcp.events REMOVE TTL');
  }

  sockflow(...args: string[]): string {
    return runCommand(SOCKFLOW, args, { cwd: this.dir });
  }

  /** The events of a recording into the topic. @returns them, as lines of NDJSON */
  send(recording: string, ...more: string[]): Line[] {
    const out = join(this.dir, 'sent.ndjson');
    this.sockflow('replay', recording, '--sink', this.#sink, '--sink', `file:${out}`, ...more);
    return readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  }

  /** Waits until a table has so many rows. */
  async rows(table: string, count: number): Promise<void> {
    await until(
      `${count} rows in ${table}`,
      async () => (await this.count(table)) >= count,
      CONSUMED_WITHIN_MS,
    );
    assert.equal(await this.count(table), count);
  }

  async count(from: string): Promise<number> {
    const [{ rows } = {}] = await this.clickHouse.query(`SELECT count() AS rows FROM ${from}`);
    return Number(rows);
  }

  /** A query of the guide, by the name in its first line. */
  async ask(name: string): Promise<readonly ClickHouseRow[]> {
    const [, sql = ''] =
      new RegExp(`^\`\`\`sql\\n-- ${name}\\n([^]*?);\\n\`\`\``, 'm').exec(GUIDE) ?? [];
    assert.notEqual(sql, '', name);
    return this.clickHouse.query(sql);
  }
}

test('beyond-one-machine: ClickHouse consumes a topic', async (t) => {
  const packageDir = requireKafka(t) ? requireClickHouse(t) : undefined;
  if (packageDir === undefined) return;
  const broker = await KafkaBroker.start(t);
  broker.createTopic(TOPIC, 4);
  const pipeline = new Pipeline(new ClickHouse(t, packageDir), useTempDir(t), broker.address);
  await pipeline.makeTables();
  let events = 0;
  await t.test(
    'a row is what the line of NDJSON is, for every op of the real recording',
    async () => {
      events += await checkRows(pipeline);
    },
  );
  await t.test(
    'its queries find what the truth says, and a second delivery changes nothing',
    async () => {
      events += await checkTruth(pipeline, events);
    },
  );
  await t.test('RTT summaries add up to percentiles', () => checkSummaries(pipeline, events));
  await t.test('a loss is in a table of its own', () => checkLosses(pipeline));
  await t.test('what is no event is kept with the reason, and stops nothing', () =>
    checkRefused(pipeline, broker.address),
  );
});

/** Without what an event does not have, and without what only the table has. */
function withoutAbsent(row: ClickHouseRow): Line {
  const own = Object.entries(row).filter(
    ([name, value]) =>
      value !== null &&
      !['time', 'host'].includes(name) &&
      !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(own);
}

/** 64-bit numbers of a database are all text; JSON has those as numbers that fit into one. */
function comparable(line: Line): string {
  const entries = Object.entries(line).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ]);
  return JSON.stringify(entries.toSorted(([a], [b]) => String(a).localeCompare(String(b))));
}

async function checkRows(pipeline: Pipeline): Promise<number> {
  const lines = pipeline.send(REAL);
  await pipeline.rows('tcp.events', lines.length);
  const rows = await pipeline.clickHouse.query('SELECT * FROM tcp.events');
  assert.deepEqual(
    rows.map((row) => comparable(withoutAbsent(row))).toSorted((a, b) => a.localeCompare(b)),
    lines.map(comparable).toSorted((a, b) => a.localeCompare(b)),
  );
  return lines.length;
}

async function checkTruth(pipeline: Pipeline, before: number): Promise<number> {
  const made = ['--connections', '200', '--loss', '3%', '--origins', '2', '--seed', '7'];
  pipeline.sockflow('gen', 'made.sfrec', ...made, '--truth', 'truth.ndjson');
  const lines = pipeline.send('made.sfrec');
  await pipeline.rows('tcp.events', before + lines.length);
  const sums = new Map<string, number>();
  for (const text of readFileSync(join(pipeline.dir, 'truth.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')) {
    const { originId, role, localPort, remotePort, retransmits } = JSON.parse(
      text,
    ) as ConnectionTruth;
    const port = role === 'CLIENT' ? remotePort : localPort;
    const key = `${originId.replace(/^.*\//, 'generated-')} ${port}`;
    if (retransmits > 0) sums.set(key, (sums.get(key) ?? 0) + retransmits);
  }
  assert.ok(sums.size > 5);
  const ask = async (): Promise<Map<string, number>> => {
    const found = (await pipeline.ask('retransmits')).filter(({ host }) => host !== '');
    return new Map(
      found.map(({ host, port, segments }) => [
        `${String(host)} ${String(port)}`,
        Number(segments),
      ]),
    );
  };
  assert.deepEqual(await ask(), sums);
  pipeline.send('made.sfrec');
  await until(
    'the second delivery',
    async () => {
      const [{ read } = {}] = await pipeline.clickHouse.query(
        'SELECT sum(num_messages_read) AS read FROM system.kafka_consumers',
      );
      return Number(read) >= before + 2 * lines.length;
    },
    CONSUMED_WITHIN_MS,
  );
  assert.equal(await pipeline.count('tcp.events FINAL'), before + lines.length);
  assert.deepEqual(await ask(), sums);
  return lines.length;
}

/** Two summaries of one connection end, of samples that are known. */
async function checkSummaries(pipeline: Pipeline, before: number): Promise<void> {
  const context = gunzipSync(readFileSync(join(WORKSPACE, 'fixtures/real-context.ndjson.gz')))
    .toString('utf8')
    .split('\n');
  const sample = JSON.parse(context.find((line) => line.includes(`"op":${Op.RTT_CB},`)) ?? '');
  const summaries = [
    [100, 110, 120, 130],
    [1000, 5000],
  ].map((rttUs, index) => {
    const buckets = Array.from({ length: 23 }, () => 0);
    for (const us of rttUs) buckets[Math.floor(Math.log2(us)) - 3]! += 1;
    const { op: _op, ...event } = sample;
    return JSON.stringify({
      ...event,
      ts_boot_ns: String(BigInt(event.ts_boot_ns) + BigInt(index)),
      kind: 'RTT_SUMMARY',
      rtt_sum_us: rttUs.reduce((sum, us) => sum + us, 0),
      rtt_count: rttUs.length,
      rtt_low_us: Math.min(...rttUs),
      rtt_high_us: Math.max(...rttUs),
      rtt_buckets: buckets,
    });
  });
  writeFileSync(join(pipeline.dir, 'summaries.ndjson'), summaries.join('\n'));
  pipeline.sockflow('convert', '--from', 'context-json', 'summaries.ndjson', 'summaries.sfrec');
  pipeline.send('summaries.sfrec');
  await pipeline.rows('tcp.events FINAL', before + 2);
  // Half of the six are below 128 us, all of them below 8192 us.
  assert.deepEqual(
    (await pipeline.ask('rtt')).map(
      ({ samples, mean_us: meanUs, p50_below_us: p50, p99_below_us: p99 }) =>
        [samples, meanUs, p50, p99].map(Number),
    ),
    [[6, 1076, 128, 8192]],
  );
}

async function checkLosses(pipeline: Pipeline): Promise<void> {
  const damaged = join(pipeline.dir, 'damaged.sfrec');
  copyFileSync(REAL, damaged);
  const bytes = readFileSync(damaged);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 255;
  writeFileSync(damaged, bytes);
  const marker = pipeline
    .send(damaged, '--tolerate-damage')
    .find(({ kind }) => kind === 'LOSS_MARKER');
  await pipeline.rows('tcp.losses', 1);
  const [row] = await pipeline.clickHouse.query('SELECT * EXCEPT (sent, host) FROM tcp.losses');
  assert.equal(comparable({ kind: 'LOSS_MARKER', ...row }), comparable(marker ?? {}));
  const [{ damaged: lost } = {}] = await pipeline.ask('missing');
  assert.ok(Number(lost) > 0);
  assert.equal(Number(lost), marker?.['lostDamaged']);
}

async function checkRefused(pipeline: Pipeline, brokers: string): Promise<void> {
  const sink = kafka({ brokers, topic: TOPIC });
  const writer = await sink.open({ lane: 0, lanes: 1 });
  await writer.write({ kind: 'OP', op: 'RETRANS_CB', cookie: 'no number' });
  await writer.write({ something: 'else' });
  await writer.close();
  await pipeline.rows('tcp.refused', 2);
  const refused = await pipeline.clickHouse.query(
    'SELECT topic, error, record FROM tcp.refused ORDER BY record',
  );
  assert.deepEqual(
    refused.map(({ topic, record }) => [topic, record]),
    [
      // Only of what does not parse it has the bytes.
      [TOPIC, ''],
      [TOPIC, '{"kind":"OP","op":"RETRANS_CB","cookie":"no number"}'],
    ],
  );
  assert.equal(refused[0]?.['error'], '');
  assert.match(String(refused[1]?.['error']), /cookie/);
  const consumers = await pipeline.ask('lag');
  assert.equal(consumers.length, 1);
  assert.deepEqual(consumers[0]?.['exceptions'], []);
}
