import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { BenchBroker } from './bench-broker.ts';
import { gainCase, spoolCase } from './events-case.ts';
import { whyNoKafka } from './needs.ts';
import { type KafkaPlace, PACKED, SINGLES } from './places.ts';
import { sinkCase } from './sink-case.ts';
import { sourceCase, sourceGain } from './source-case.ts';

type Case = (
  place: KafkaPlace,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
) => Promise<void>;

/* A pass takes a second or two: JSON of all fields is three times as large. */
const MOST_INPUT_BYTES = 64 * 2 ** 20;
/* Payloads, and what a spool may take. */
const FOLDER_BYTES = 2 ** 30;

const CASES: Readonly<Record<string, Case>> = {
  'sink-json': (...given) => sinkCases(SINGLES[0]!, ...given),
  'sink-msgpack': (...given) => sinkCases(SINGLES[1]!, ...given),
  'sink-packed': (...given) => sinkCases(PACKED, ...given),
  gain: gainCase,
  spool: spoolCase,
  source: async (...given) => {
    for (const shape of [...SINGLES, PACKED]) await sourceCase(given[0], shape, given[1], given[2]);
    await sourceGain(given[0], PACKED, SINGLES, given[1], given[2]);
  },
};

/** Names of the cases, for the command line. */
export const KAFKA_CASES: readonly string[] = Object.keys(CASES);

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
    withOutputFolder(FOLDER_BYTES, async (folder) => {
      for (const [name, run] of Object.entries(CASES)) {
        const isAsked = options.cases.length === 0 || options.cases.includes(name);
        if (isAsked) await run({ broker, input, folder }, options, report);
      }
    }),
  );
}

async function sinkCases(
  shape: (typeof SINGLES)[number],
  place: KafkaPlace,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  for (const compression of ['none', 'lz4'] as const)
    await sinkCase(place, shape, compression, options, report);
}
