import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { kafka, run } from 'sockflow';

import type { CaseResult } from '../harness/case-result.ts';
import { compared } from '../harness/compared.ts';
import type { Pass } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { consumerPerformance } from './consumer-performance.ts';
import { bytesResult } from './figures.ts';
import { writeRecording } from './our-sink.ts';
import type { KafkaPlace, RecordShape } from './places.ts';
import { bytesOf, readBack } from './read-back.ts';
import type { SourceCount, SourceParams } from './source.pipeline.ts';

const PIPELINE = new URL('./source.pipeline.js', import.meta.url);

/** A topic that our sink wrote, read by our source, which decodes, checks and counts its events, and by Kafka's own tool, which looks at nothing. */
export async function sourceCase(
  place: KafkaPlace,
  shape: RecordShape,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { broker, input } = place;
  const id = `kafka/source/${shape.name}`;
  await broker.withTopic(async (topic) => {
    await writeRecording(input.path, kafka({ brokers: broker.address, topic, ...shape.options }));
    const records = broker.recordsByTool(topic);
    const { values } = bytesOf(await readBack(broker, topic, records));
    const { results, oursNs, peersNs } = await compared({
      id,
      units: records,
      unit: 'records/s',
      rounds: options.rounds,
      ours: () => readTopic(place, topic, records),
      peers: [
        {
          name: 'java',
          baseline: 'ConsumerPerformance',
          budget: undefined,
          run: () => consumerPerformance(broker, topic, records),
        },
      ],
    });
    for (const result of results) report(result);
    report(bytesResult(`${id}/bytes`, values, oursNs, peersNs));
  });
}

/** From the first batch to the last one's end: joining a group and loading modules are not reading. */
async function readTopic(
  { broker, input }: KafkaPlace,
  topic: string,
  records: number,
): Promise<Pass> {
  const params: SourceParams = {
    brokers: broker.address,
    topic,
    group: `${topic}-${process.hrtime.bigint()}`,
  };
  const handle = run(PIPELINE, { lanes: 1, views: 'reused', params: { ...params } });
  const emitted = lastValueFrom((handle.results as Observable<SourceCount>).pipe(toArray()));
  await handle.done;
  const [lane] = await emitted;
  if (lane?.events !== input.events)
    throw new Error(`${lane?.events} events read of ${input.events}`);
  return { ns: Number(lane.endNs - lane.startNs), answer: `${records} records` };
}

/** Events a second of packed records beside single ones, all read by our source in turns. */
export async function sourceGain(
  place: KafkaPlace,
  packed: RecordShape,
  singles: readonly RecordShape[],
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { broker, input } = place;
  const withFilled = (
    shapes: readonly RecordShape[],
    filled: readonly (() => Promise<Pass>)[],
    use: (passes: readonly (() => Promise<Pass>)[]) => Promise<void>,
  ): Promise<void> => {
    const [shape, ...rest] = shapes;
    if (shape === undefined) return use(filled);
    return broker.withTopic(async (topic) => {
      const sink = kafka({ brokers: broker.address, topic, ...shape.options });
      await writeRecording(input.path, sink);
      const pass = async (): Promise<Pass> => {
        const { ns } = await readTopic(place, topic, 0);
        return { ns, answer: `${input.events} events` };
      };
      await withFilled(rest, [...filled, pass], use);
    });
  };
  await withFilled([packed, ...singles], [], async ([ours, ...theirs]) => {
    const { results } = await compared({
      id: 'kafka/source/gain',
      units: input.events,
      unit: 'events/s',
      rounds: options.rounds,
      ours: ours!,
      peers: singles.map(({ name }, index) => ({
        name,
        baseline: `single ${name} records`,
        budget: undefined,
        run: theirs[index]!,
      })),
    });
    for (const result of results) report(result);
  });
}
