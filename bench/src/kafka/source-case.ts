import { compareSides, type Pass } from '@sockflow/benchmark';
import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { kafka, run } from 'sockflow';

import type { BenchRun } from '../harness/bench-case.ts';
import { consumerPerformance } from './consumer-performance.ts';
import { bytesResults } from './figures.ts';
import { writeRecording } from './our-sink.ts';
import type { KafkaPlace, RecordShape } from './places.ts';
import { bytesOf, readBack } from './read-back.ts';
import type { SourceCount, SourceParams } from './source.pipeline.ts';

const PIPELINE = new URL('./source.pipeline.js', import.meta.url);

/** A topic that our sink wrote, read by our source, which decodes, checks and counts its events, and by Kafka's own tool, which looks at nothing. */
export async function sourceCase(
  place: KafkaPlace,
  shape: RecordShape,
  bench: BenchRun,
): Promise<void> {
  const { broker, input } = place;
  const id = `kafka/${shape.name}/source`;
  await broker.withTopic(async (topic) => {
    await writeRecording(input.path, kafka({ brokers: broker.address, topic, ...shape.options }));
    const records = broker.recordsByTool(topic);
    const { values } = bytesOf(await readBack(broker, topic, records));
    const { results, oursNs, baselinesNs } = await compareSides({
      id,
      reads: 'events decoded, checked, counted; the tool looks at nothing',
      units: records,
      unit: 'records/s',
      rounds: bench.rounds,
      ours: () => readTopic(place, topic, records),
      baselines: [
        {
          name: 'java',
          title: 'ConsumerPerformance',
          kind: 'peer',
          run: () => consumerPerformance(broker, topic, records),
        },
      ],
    });
    for (const result of results) bench.result(result);
    for (const result of bytesResults(
      `kafka/${shape.name}/source-bytes`,
      values,
      oursNs,
      baselinesNs,
    ))
      bench.result(result);
  });
}

/** From the moment when the partitions are assigned, as ConsumerPerformance counts, to the end of the last batch: joining a group and loading modules are not reading, asking for offsets and the first fetch are. */
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
  if (lane.assignedNs === undefined) throw new Error('the client told of no assignment');
  return { ns: Number(lane.endNs - lane.assignedNs), answer: `${records} records` };
}

/** Events a second of packed records beside single ones, all read by our source in turns. */
export async function sourceGain(
  place: KafkaPlace,
  packed: RecordShape,
  singles: readonly RecordShape[],
  bench: BenchRun,
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
    const { results } = await compareSides({
      id: 'kafka/packed/source-gain',
      reads: 'events decoded, checked, counted',
      units: input.events,
      unit: 'events/s',
      rounds: bench.rounds,
      ours: ours!,
      baselines: singles.map(({ name }, index) => ({
        name,
        title: `single ${name} records`,
        kind: 'self' as const,
        run: theirs[index]!,
      })),
    });
    for (const result of results) bench.result(result);
  });
}
