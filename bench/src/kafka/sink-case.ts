import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MessageToProduce } from '@platformatic/kafka';
import { type KafkaCompression, kafka, type KafkaOptions } from '@sockflow/sinks';

import type { CaseResult } from '../harness/case-result.ts';
import { compared, type Peer } from '../harness/compared.ts';
import type { Pass } from '../harness/paired.ts';
import type { RecordingInput } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import type { BenchBroker } from './bench-broker.ts';
import { bestShapes, type SendShape, sendByHand, shapeName } from './by-hand.ts';
import { writeRecording } from './our-sink.ts';
import { type Payload, producerPerformance } from './producer-performance.ts';
import { bytesOf, readBack } from './read-back.ts';

const BY_HAND_BUDGET = 0.9;
const JAVA_BUDGET = 0.8;
const MIB = 2 ** 20;

/** What records look like in a case. */
export interface RecordShape {
  readonly name: string;
  readonly options: Pick<KafkaOptions, 'encoding' | 'fields'>;
}

/** Where a case takes place. */
export interface SinkPlace {
  readonly broker: BenchBroker;
  readonly input: RecordingInput;
  /** For payload files. */
  readonly folder: string;
}

/** What came of a case, for those that compare cases. */
export interface SinkSpeed {
  readonly eventsPerSec: number;
  readonly recordsPerSec: number;
}

/** A recording into a topic, against the client's best loop by hand that sends the same messages, and against Kafka's own tool. */
export async function sinkCase(
  { broker, input, folder }: SinkPlace,
  shape: RecordShape,
  compression: KafkaCompression,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<SinkSpeed> {
  const id = `kafka/sink/${shape.name}/${compression}`;
  const records = await recordsOf(broker, input, shape);
  const { values: valueBytes, all } = bytesOf(records);
  const meanBytes = Math.round(valueBytes / records.length);
  const restBytes = Math.round(all / records.length - meanBytes);
  const shapes = await bestShapes(broker, records, compression);
  options.note(
    `${id}: ${records.length} records, values of ${meanBytes} B, ${restBytes} B of key and headers; by hand ${shapeName(shapes.idempotent)}; ${shapeName(shapes.plain)}`,
  );
  const payload = payloadOf(records, meanBytes, join(folder, 'payload.txt'));
  const { results, oursNs, peersNs } = await compared({
    id,
    units: records.length,
    unit: 'records/s',
    rounds: options.rounds,
    ours: () => write(broker, input, { ...shape.options, compression }),
    peers: peersOf(broker, records, payload, shapes, compression),
  });
  for (const result of results) report(result);
  report(bytesResult(`${id}/bytes`, valueBytes, oursNs, peersNs));
  return {
    eventsPerSec: input.events / (oursNs / 1e9),
    recordsPerSec: records.length / (oursNs / 1e9),
  };
}

function peersOf(
  broker: BenchBroker,
  records: readonly MessageToProduce[],
  payload: Payload,
  { idempotent, plain }: { readonly idempotent: SendShape; readonly plain: SendShape },
  compression: KafkaCompression,
): Peer[] {
  return [
    {
      name: 'by-hand',
      baseline: 'client by hand, idempotent',
      budget: BY_HAND_BUDGET,
      run: () => sendByHand(broker, records, compression, idempotent),
    },
    {
      name: 'by-hand-plain',
      baseline: 'client by hand, not idempotent',
      budget: BY_HAND_BUDGET,
      run: () => sendByHand(broker, records, compression, plain),
    },
    {
      name: 'java',
      baseline: `ProducerPerformance, ${'file' in payload ? 'our values' : 'random letters'}`,
      budget: JAVA_BUDGET,
      run: () => producerPerformance(broker, records.length, payload, compression),
    },
  ];
}

/** Bytes of values a second, the peers' beside ours. */
function bytesResult(
  id: string,
  valueBytes: number,
  oursNs: number,
  peersNs: ReadonlyMap<string, number>,
): CaseResult {
  const rate = (ns: number): number => valueBytes / MIB / (ns / 1e9);
  const others = [...peersNs].map(([name, ns]) => `${name} ${rate(ns).toFixed(0)}`);
  return figure(id, rate(oursNs), 'MiB/s', others.join(', '));
}

function figure(id: string, value: number, unit: string, baseline: string): CaseResult {
  return {
    id,
    value,
    unit,
    baseline,
    ratio: undefined,
    spread: [value, value],
    budget: undefined,
    pass: undefined,
  };
}

function write(
  broker: BenchBroker,
  input: RecordingInput,
  options: Omit<KafkaOptions, 'brokers' | 'topic'>,
): Promise<Pass> {
  return broker.withTopic(async (topic) => {
    const sink = kafka({ brokers: broker.address, topic, ...options });
    const { ns, events } = await writeRecording(input.path, sink);
    if (events !== input.events) throw new Error(`${events} events of ${input.events}`);
    return { ns, answer: `${await broker.recordsIn(topic)} records` };
  });
}

/** What our sink writes, read back from a topic: so the loop by hand sends the very same. */
function recordsOf(
  broker: BenchBroker,
  input: RecordingInput,
  shape: RecordShape,
): Promise<MessageToProduce[]> {
  return broker.withTopic(async (topic) => {
    const sink = kafka({ brokers: broker.address, topic, ...shape.options });
    await writeRecording(input.path, sink);
    const inTopic = broker.recordsByTool(topic);
    const records = await readBack(broker, topic, inTopic);
    if (records.length !== inTopic) throw new Error(`${records.length} of ${inTopic} read back`);
    return records;
  });
}

/* ProducerPerformance keeps a payload file in memory, as objects. */
const MOST_PAYLOADS = 50_000;

/** Our own values where they are texts of one line; else letters of their mean size, as the tool can be given no others. */
function payloadOf(records: readonly MessageToProduce[], meanBytes: number, path: string): Payload {
  const [first] = records;
  if (first?.value?.[0] !== '{'.charCodeAt(0)) return { recordBytes: meanBytes };
  writeFileSync(
    path,
    records
      .slice(0, MOST_PAYLOADS)
      .map(({ value }) => value?.toString() ?? '')
      .join('\n'),
  );
  return { file: path };
}
