import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { makeOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import { shared } from '../harness/shared.ts';
import { BenchBroker } from './bench-broker.ts';
import { gainCase, spoolCase } from './events-case.ts';
import { whyNoKafka } from './needs.ts';
import { type KafkaPlace, PACKED, type RecordShape, SINGLES } from './places.ts';
import { sinkCase } from './sink-case.ts';
import { sourceCase, sourceGain } from './source-case.ts';

/* A pass takes a second or two: JSON of all fields is three times as large. */
const MOST_INPUT_BYTES = 64 * 2 ** 20;
const SMOKE_INPUT_BYTES = 2 * 2 ** 20;
/* Payloads, and what a spool may take. */
const FOLDER_BYTES = 2 ** 30;

/** Kafka: our sink and source beside the client's own loop and beside Kafka's tools, on one broker. */
export const KAFKA_CASES: readonly BenchCase[] = [
  ...[...SINGLES, PACKED].map((shape) =>
    kafkaCase(
      `sink-${shape.name}`,
      `${shape.name} records, against the client by hand and ProducerPerformance`,
      (place, bench) => sinkCases(shape, place, bench),
    ),
  ),
  kafkaCase('gain', 'events a second with packed records, against single ones', gainCase),
  kafkaCase('spool', 'a sink with a spool, against the same without', spoolCase),
  kafkaCase('source', 'topics read, against ConsumerPerformance', async (place, bench) => {
    for (const shape of [...SINGLES, PACKED]) await sourceCase(place, shape, bench);
    await sourceGain(place, PACKED, SINGLES, bench);
  }),
];

/** A case with the broker that all cases of the suite share. */
function kafkaCase(
  name: string,
  says: string,
  run: (place: KafkaPlace, bench: BenchRun) => Promise<void>,
): BenchCase {
  return {
    suite: 'kafka',
    name,
    says,
    async run(bench) {
      const missing = whyNoKafka();
      if (missing === undefined) await run(await placeOf(bench), bench);
      else bench.leftOut(`kafka/${name}`, missing);
    },
  };
}

function placeOf(bench: BenchRun): Promise<KafkaPlace> {
  const mostBytes = bench.isSmoke ? SMOKE_INPUT_BYTES : MOST_INPUT_BYTES;
  const inputBytes = Math.min(bench.inputBytes, mostBytes);
  return shared(`broker and ${inputBytes}`, async () => {
    const input = await generatedRecording({ ...bench, inputBytes });
    const { broker, stop } = await BenchBroker.start();
    const folder = makeOutputFolder(FOLDER_BYTES);
    return {
      value: { broker, input, folder: folder.path },
      end: async () => {
        folder.remove();
        await stop();
      },
    };
  });
}

async function sinkCases(shape: RecordShape, place: KafkaPlace, bench: BenchRun): Promise<void> {
  for (const compression of ['none', 'lz4'] as const)
    await sinkCase(place, shape, compression, bench);
}
