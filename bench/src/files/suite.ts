import type { CaseResult } from '../harness/case-result.ts';
import { fixtureRecording, generatedRecording } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { allocation } from './allocation.ts';
import { copies } from './copies.ts';
import { csvCase } from './csv.ts';
import { generation } from './generation.ts';
import { msgpackCase } from './msgpack.ts';
import { ndjsonCase } from './ndjson.ts';
import { orderedCase } from './ordered.ts';

/** Recordings to recordings against C, NDJSON against JSON.stringify, CSV against C, msgpack against msgpackr, making a recording against dd, and what the way from file to file allocates. */
export async function filesSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  for (const input of [await generatedRecording(options), fixtureRecording()]) {
    await copies(input, options, report);
    report(await ndjsonCase(input, options));
    await csvCase(input, options, report);
    report(await msgpackCase(input, options));
  }
  await generation(options, report);
  await orderedCase(options, report);
  report(await allocation(await generatedRecording(options)));
}
