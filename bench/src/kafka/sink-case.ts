import { join } from 'node:path';

import type { MessageToProduce } from '@platformatic/kafka';
import { type Baseline, compareSides, type Pass } from '@sockflow/benchmark';
import { kafka, type KafkaCompression } from '@sockflow/sinks';

import type { BenchRun } from '../harness/bench-case.ts';
import { bestShapes, type SendShape, sendByHand, shapeName } from './by-hand.ts';
import { bytesResults } from './figures.ts';
import { foundIn, packedEvents } from './found-in.ts';
import { writeRecording } from './our-sink.ts';
import { writePayloads, writeRecords } from './payloads.ts';
import { type KafkaPlace, PACKED, type RecordShape } from './places.ts';
import { javaProducer, producerPerformance, whyNoJavaProducer } from './producer-performance.ts';
import { bytesOf, readBack } from './read-back.ts';

const BY_HAND_BUDGET = 0.9;
const JAVA_BUDGET = 0.8;
const JAVA_CLIENT = 'java-client';

/** A recording into a topic, against the client's best loop by hand that sends the same messages, and against Kafka's own tool. */
export async function sinkCase(
  place: KafkaPlace,
  shape: RecordShape,
  compression: KafkaCompression,
  bench: BenchRun,
): Promise<void> {
  const id = `kafka/${shape.name}/sink-${compression}`;
  const { broker } = place;
  const records = await recordsOf(place, shape);
  const { values: valueBytes, all } = bytesOf(records);
  const meanBytes = Math.round(valueBytes / records.length);
  const restBytes = Math.round(all / records.length - meanBytes);
  const shapes = await bestShapes(broker, records, compression, bench.isSmoke);
  bench.note(
    `${id}: ${records.length} records, values of ${meanBytes} B, ${restBytes} B of key and headers; by hand ${shapeName(shapes.idempotent)}; ${shapeName(shapes.plain)}`,
  );
  const files = { texts: join(place.folder, 'texts'), records: join(place.folder, 'records') };
  writePayloads(records, files.texts);
  writeRecords(records, files.records);
  const whyNot = whyNoJavaProducer();
  if (whyNot !== undefined) bench.leftOut(`${id}/java-client`, whyNot);
  const { results, oursNs, baselinesNs } = await compareSides({
    id,
    reads: 'every field of every event, encoded; the other sides have their messages already',
    units: records.length,
    unit: 'records/s',
    rounds: bench.rounds,
    ours: () => write(place, shape, compression),
    baselines: baselinesOf(place, shape, records, files, shapes, compression, bench).filter(
      ({ name }) => name !== JAVA_CLIENT || whyNot === undefined,
    ),
  });
  for (const result of results) bench.result(result);
  for (const result of bytesResults(`${id}-bytes`, valueBytes, oursNs, baselinesNs))
    bench.result(result);
}

function baselinesOf(
  { broker, input }: KafkaPlace,
  shape: RecordShape,
  records: readonly MessageToProduce[],
  files: { readonly texts: string; readonly records: string },
  { idempotent, plain }: { readonly idempotent: SendShape; readonly plain: SendShape },
  compression: KafkaCompression,
  { isSmoke }: BenchRun,
): Baseline[] {
  const byHand = (send: SendShape): Promise<Pass> =>
    sendByHand(broker, records, compression, send, (topic) => foundIn(broker, topic, shape));
  // Its topic begins with what got it warm: what counts is that each record of its own is there.
  const java = ({ ns, answer }: Pass): Pass => {
    const asked = `${records.length} records`;
    if (answer !== asked) throw new Error(`${answer} sent by Java, ${asked} asked for`);
    return { ns, answer: shape === PACKED ? `${input.events} events` : answer };
  };
  return [
    {
      name: 'by-hand',
      title: 'client by hand, idempotent',
      kind: 'peer',
      budget: BY_HAND_BUDGET,
      run: () => byHand(idempotent),
    },
    {
      name: 'by-hand-plain',
      title: 'client by hand, not idempotent',
      kind: 'peer',
      budget: BY_HAND_BUDGET,
      run: () => byHand(plain),
    },
    {
      name: 'java',
      title: 'ProducerPerformance, records of the same size',
      kind: 'peer',
      budget: JAVA_BUDGET,
      run: async () =>
        java(await producerPerformance(broker, records, files.texts, compression, isSmoke)),
    },
    {
      name: JAVA_CLIENT,
      title: 'KafkaProducer, the same records',
      kind: 'peer',
      budget: JAVA_BUDGET,
      run: async () =>
        java(await javaProducer(broker, records, files.records, compression, isSmoke)),
    },
  ];
}

function write(
  { broker, input }: KafkaPlace,
  shape: RecordShape,
  compression: KafkaCompression,
): Promise<Pass> {
  return broker.withTopic(async (topic) => {
    const sink = kafka({ brokers: broker.address, topic, ...shape.options, compression });
    const { ns, events } = await writeRecording(input.path, sink);
    if (events !== input.events) throw new Error(`${events} events of ${input.events}`);
    return { ns, answer: await foundIn(broker, topic, shape) };
  });
}

/** What our sink writes, read back from a topic: so the loop by hand sends the very same. */
function recordsOf({ broker, input }: KafkaPlace, shape: RecordShape): Promise<MessageToProduce[]> {
  return broker.withTopic(async (topic) => {
    const sink = kafka({ brokers: broker.address, topic, ...shape.options });
    await writeRecording(input.path, sink);
    const inTopic = broker.recordsByTool(topic);
    const records = await readBack(broker, topic, inTopic);
    const events = shape === PACKED ? packedEvents(records) : input.events;
    if (records.length !== inTopic || events !== input.events)
      throw new Error(
        `${records.length} of ${inTopic} read back, ${events} events of ${input.events}`,
      );
    return records;
  });
}
