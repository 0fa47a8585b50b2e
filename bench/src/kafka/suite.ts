import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { BenchBroker } from './bench-broker.ts';
import { whyNoKafka } from './needs.ts';
import { type RecordShape, sinkCase } from './sink-case.ts';

/** Names of the cases, for the command line. */
export const KAFKA_CASES: readonly string[] = ['sink'];

/* A pass takes a second or two: JSON of all fields is three times as large. */
const MOST_INPUT_BYTES = 64 * 2 ** 20;
const PAYLOAD_BYTES = 256 * 2 ** 20;

const SHAPES: readonly RecordShape[] = [
  { name: 'json', options: { encoding: 'json' } },
  { name: 'msgpack', options: { encoding: 'msgpack' } },
  { name: 'packed', options: { encoding: 'slots' } },
];

/** Kafka: our sink and source beside the client's own loop and beside Kafka's tools, on one broker. */
export async function kafkaSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const missing = whyNoKafka();
  if (missing !== undefined) {
    options.note(`kafka: left out, ${missing}`);
    return;
  }
  const inputBytes = Math.min(options.inputBytes, MOST_INPUT_BYTES);
  const input = await generatedRecording({ ...options, inputBytes });
  await BenchBroker.with((broker) =>
    withOutputFolder(PAYLOAD_BYTES, async (folder) => {
      for (const shape of SHAPES) {
        for (const compression of ['none', 'lz4'] as const) {
          await sinkCase({ broker, input, folder }, shape, compression, options, report);
        }
      }
    }),
  );
}
