import { join } from 'node:path';

import { compareSides, type Pass } from '@sockflow/benchmark';
import { kafka, type KafkaOptions, type Sink, spool } from 'sockflow';

import type { BenchRun } from '../harness/bench-case.ts';
import { writeRecording } from './our-sink.ts';
import { type KafkaPlace, PACKED, type RecordShape, SINGLES } from './places.ts';

const SPOOL_BYTES = 2 ** 30;

/** Events a second with packed records beside single ones: what a user gains by choosing them. */
export async function gainCase(place: KafkaPlace, bench: BenchRun): Promise<void> {
  for (const compression of ['none', 'lz4'] as const) {
    const pass = (shape: RecordShape): Promise<Pass> =>
      written(place, (to) => kafka({ ...to, ...shape.options, compression }));
    const { results } = await compareSides({
      id: `kafka/packed/gain-${compression}`,
      reads: 'every field of every event, encoded; packed: slots copied',
      units: place.input.events,
      unit: 'events/s',
      rounds: bench.rounds,
      ours: () => pass(PACKED),
      baselines: SINGLES.map((shape) => ({
        name: shape.name,
        title: `single ${shape.name} records`,
        kind: 'self' as const,
        run: () => pass(shape),
      })),
    });
    for (const result of results) bench.result(result);
  }
}

/** What `spool` costs where the brokers keep up: beside the same sink without it. */
export async function spoolCase(place: KafkaPlace, bench: BenchRun): Promise<void> {
  for (const { name, options: shape } of [...SINGLES, PACKED]) {
    const { results } = await compareSides({
      id: `kafka/${name}/spool`,
      reads: 'every field of every event, encoded',
      units: place.input.events,
      unit: 'events/s',
      rounds: bench.rounds,
      ours: () =>
        written(place, (to) =>
          spool(kafka({ ...to, ...shape }), {
            directory: join(place.folder, to.topic),
            maxBytes: SPOOL_BYTES,
          }),
        ),
      baselines: [
        {
          name: 'without',
          title: 'the same sink without a spool',
          kind: 'self',
          run: () => written(place, (to) => kafka({ ...to, ...shape })),
        },
      ],
    });
    for (const result of results) bench.result(result);
  }
}

/** The recording into a new topic. */
function written(
  { broker, input }: KafkaPlace,
  sinkOf: (to: Pick<KafkaOptions, 'brokers' | 'topic'> & { readonly topic: string }) => Sink,
): Promise<Pass> {
  return broker.withTopic(async (topic) => {
    const { ns, events } = await writeRecording(
      input.path,
      sinkOf({ brokers: broker.address, topic }),
    );
    return { ns, answer: `${events} events` };
  });
}
