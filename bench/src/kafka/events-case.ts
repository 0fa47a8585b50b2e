import { join } from 'node:path';

import { kafka, type KafkaOptions, type Sink, spool } from 'sockflow';

import type { CaseResult } from '../harness/case-result.ts';
import { compared } from '../harness/compared.ts';
import type { Pass } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { writeRecording } from './our-sink.ts';
import { type KafkaPlace, PACKED, type RecordShape, SINGLES } from './places.ts';

const SPOOL_BYTES = 2 ** 30;

/** Events a second with packed records beside single ones: what a user gains by choosing them. */
export async function gainCase(
  place: KafkaPlace,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  for (const compression of ['none', 'lz4'] as const) {
    const pass = (shape: RecordShape): Promise<Pass> =>
      written(place, (to) => kafka({ ...to, ...shape.options, compression }));
    const { results } = await compared({
      id: `kafka/gain/packed/${compression}`,
      units: place.input.events,
      unit: 'events/s',
      rounds: options.rounds,
      ours: () => pass(PACKED),
      peers: SINGLES.map((shape) => ({
        name: shape.name,
        baseline: `single ${shape.name} records`,
        budget: undefined,
        run: () => pass(shape),
      })),
    });
    for (const result of results) report(result);
  }
}

/** What `spool` costs where the brokers keep up: beside the same sink without it. */
export async function spoolCase(
  place: KafkaPlace,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  for (const { name, options: shape } of [...SINGLES, PACKED]) {
    const { results } = await compared({
      id: `kafka/spool/${name}`,
      units: place.input.events,
      unit: 'events/s',
      rounds: options.rounds,
      ours: () =>
        written(place, (to) =>
          spool(kafka({ ...to, ...shape }), {
            directory: join(place.folder, to.topic),
            maxBytes: SPOOL_BYTES,
          }),
        ),
      peers: [
        {
          name: 'without',
          baseline: 'the same sink without a spool',
          budget: undefined,
          run: () => written(place, (to) => kafka({ ...to, ...shape })),
        },
      ],
    });
    for (const result of results) report(result);
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
