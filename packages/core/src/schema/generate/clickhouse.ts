import type { AccessorSpec } from '../accessor-spec.ts';
import { ACCESSORS } from '../accessors.ts';
import { type KindFieldSpec, LOSS_MARKER_FIELDS } from '../kind-fields.ts';
import { canBeAbsent } from './view-types.ts';

/** A column of the table that consumes, under the name that JSON has, and what becomes of it in the table that keeps. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

/** Few different texts: a dictionary keeps them in a byte or two. Addresses and headers are as many as there are peers. */
const FEW_TEXTS: ReadonlySet<string> = new Set(['originId']);

function plainType(accessor: AccessorSpec): string {
  const { name, object, read } = accessor;
  if (object !== 'same' && object !== 'unknownOps') return 'LowCardinality(String)';
  switch (read.how) {
    case 'bigint':
    case 'safe':
      return 'UInt64';
    case 'port':
      return 'UInt16';
    case 'boolean':
      return 'Bool';
    case 'comm':
      return 'LowCardinality(String)';
    case 'address':
      return 'String';
    case 'words':
      return 'Array(UInt32)';
    case 'number':
      return numberType(read);
    case 'special':
      if (read.type === 'bigint') return 'UInt64';
      if (read.type === 'string') return FEW_TEXTS.has(name) ? 'LowCardinality(String)' : 'String';
      // Jiffies of a kernel whose HZ does not divide a million.
      return 'Float64';
  }
}

function numberType({ mask, signed }: { readonly mask?: number; readonly signed?: true }): string {
  if (signed === true) return 'Int32';
  if (mask === undefined || mask > 0xffff) return 'UInt32';
  return mask > 0xff ? 'UInt16' : 'UInt8';
}

/** What an event may lack is NULL where it lacks it; a list is empty. */
function columnType(accessor: AccessorSpec): string {
  const type = plainType(accessor);
  const isOptional =
    canBeAbsent(accessor) || accessor.ops !== undefined || accessor.kind !== undefined;
  if (!isOptional || type.startsWith('Array')) return type;
  return type.startsWith('LowCardinality')
    ? 'LowCardinality(Nullable(String))'
    : `Nullable(${type})`;
}

const EVENT_COLUMNS: readonly Column[] = ACCESSORS.filter(({ object }) => object !== undefined).map(
  (accessor) => ({ name: accessor.name, type: columnType(accessor), doc: accessor.doc }),
);

/** `gap_start_ns` is `gapStartNs` in JSON; the lane is just that there. */
function markerColumn({ name, type, doc }: KindFieldSpec): Column {
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const sqlType = type === 'u64' ? 'UInt64' : 'UInt32';
  return { name: camel === 'lostLane' ? 'lane' : camel, type: sqlType, doc };
}

const LOSS_COLUMNS = LOSS_MARKER_FIELDS.map(markerColumn);
/** Part of the sorting key, which has no NULL. A record's key has 0 for it too. */
const KEYED = 'netnsCookie';

function queueLines(): string[] {
  const losses = LOSS_COLUMNS.map(({ name, type }) => ({ name, type: `Nullable(${type})` }));
  return [...EVENT_COLUMNS, ...losses].map(({ name, type }) => `    ${name} ${type}`);
}

/** What a view costs is nothing that a row has. */
function comment(doc: string): string {
  const text = doc.replace(/; allocates[^;]*/, '').replace(/ as a bigint$/, '');
  return `COMMENT '${text.replaceAll("'", "''")}'`;
}

function eventLines(): string[] {
  return EVENT_COLUMNS.map(({ name, type, doc }) => {
    const sqlType = name === KEYED ? 'UInt64' : type;
    const codec = name === 'tsNs' || name === 'wallNs' ? ' CODEC(Delta(8), ZSTD(1))' : '';
    return `    ${name} ${sqlType} ${comment(doc)}${codec}`;
  });
}

function eventSelection(): string[] {
  return EVENT_COLUMNS.map(({ name }) =>
    name === KEYED ? `    ifNull(q.${name}, 0) AS ${name}` : `    q.${name} AS ${name}`,
  );
}

/** The name of the host and the wall clock, also of events that cannot tell it: then it is when the record was sent. */
const HOST = `    JSONExtractString(q.\`_headers.value\`[indexOf(q.\`_headers.name\`, 'sockflow-origin')], 'hostName') AS host`;
const TIME = `    fromUnixTimestamp64Nano(ifNull(toInt64(q.wallNs), toUnixTimestamp64Nano(toDateTime64(ifNull(q._timestamp_ms, now64(3)), 9))), 'UTC') AS time`;
const SENT = `    ifNull(q._timestamp_ms, now64(3)) AS sent`;

const HEAD = `-- Generated from packages/core/src/schema by \`pnpm generate\`: change the tables there.
--
-- Events of a Kafka topic, encoding json, in ClickHouse: docs/guides/beyond-one-machine.md says how and why.
-- Change brokers, topic, group and the number of consumers (at most as many as the topic has partitions) in the
-- settings of tcp.queue, and the time to keep in the TTL of tcp.events.

CREATE DATABASE IF NOT EXISTS tcp;
`;

const QUEUE_SETTINGS = `ENGINE = Kafka
SETTINGS
    kafka_broker_list = '127.0.0.1:9092',
    kafka_topic_list = 'tcp.events',
    kafka_group_name = 'clickhouse',
    kafka_format = 'JSONEachRow',
    kafka_num_consumers = 1,
    kafka_handle_error_mode = 'stream',
    input_format_skip_unknown_fields = 1`;

function queueSql(): string {
  return `
-- What is consumed: a row for each record, its fields under their own names. What an event does not have is NULL, never 0.
CREATE TABLE IF NOT EXISTS tcp.queue
(
${queueLines().join(',\n')}
)
${QUEUE_SETTINGS};
`;
}

function eventsSql(): string {
  return `
-- What is kept. A record that comes twice (delivery is at least once) has the same sorting key and becomes one row when parts
-- merge, or at once in a query with FINAL.
CREATE TABLE IF NOT EXISTS tcp.events
(
    time DateTime64(9, 'UTC') COMMENT 'wall clock; of an origin without one, when the record was sent' CODEC(Delta(8), ZSTD(1)),
    host LowCardinality(String) COMMENT 'name of the host as its origin has it; empty where not known',
${eventLines().join(',\n')}
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(time)
ORDER BY (kind, op, toStartOfHour(time), originId, netnsCookie, cookie, tsNs)
TTL toDateTime(time) + INTERVAL 30 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_events TO tcp.events AS
SELECT
${[TIME, HOST, ...eventSelection()].join(',\n')}
FROM tcp.queue AS q
WHERE q.kind IN ('OP', 'RTT_SUMMARY', 'SNAPSHOT') AND q._error = '';
`;
}

function lossesSql(): string {
  return `
-- What is missing, and where: loss markers, from the kernel's ring and from damaged recordings.
CREATE TABLE IF NOT EXISTS tcp.losses
(
    sent DateTime64(3) COMMENT 'when the record was sent',
    host LowCardinality(String),
    originId LowCardinality(String),
    tsNs UInt64 COMMENT 'end of the gap, ns since boot',
${LOSS_COLUMNS.map(({ name, type, doc }) => `    ${name} ${type} ${comment(doc)}`).join(',\n')}
)
ENGINE = ReplacingMergeTree
ORDER BY (originId, lane, tsNs);

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_losses TO tcp.losses AS
SELECT
${[SENT, HOST, '    q.originId AS originId', '    q.tsNs AS tsNs'].join(',\n')},
${LOSS_COLUMNS.map(({ name }) => `    ifNull(q.${name}, 0) AS ${name}`).join(',\n')}
FROM tcp.queue AS q
WHERE q.kind = 'LOSS_MARKER' AND q._error = '';
`;
}

const REFUSED_SQL = `
-- What is no event: bytes that do not parse, with the reason, and records of something else, which offset and partition name.
CREATE TABLE IF NOT EXISTS tcp.refused
(
    sent DateTime64(3),
    topic LowCardinality(String),
    partition UInt64,
    offset UInt64,
    error String,
    record String
)
ENGINE = MergeTree
ORDER BY sent
TTL toDateTime(sent) + INTERVAL 30 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS tcp.to_refused TO tcp.refused AS
SELECT
${SENT},
    q._topic AS topic,
    q._partition AS partition,
    q._offset AS offset,
    q._error AS error,
    q._raw_message AS record
FROM tcp.queue AS q
WHERE q._error != '' OR q.kind NOT IN ('OP', 'RTT_SUMMARY', 'SNAPSHOT', 'LOSS_MARKER', 'CLOCK_ANCHOR');
`;

/** docs/reference/clickhouse.sql. */
export function generateClickHouse(): string {
  return HEAD + queueSql() + eventsSql() + lossesSql() + REFUSED_SQL;
}
