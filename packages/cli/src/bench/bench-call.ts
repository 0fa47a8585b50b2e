import { ConfigError } from '@sockflow/core';

import { isRecording } from '../session/is-recording.ts';

/** What `bench` is called with: a pipeline module where the first name is one, then recordings. */
export interface BenchCall {
  readonly pipeline: string | undefined;
  readonly recordings: readonly string[];
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION for what cannot be read again and again */
export function benchCall(names: readonly string[]): BenchCall {
  const [first, ...others] = names;
  const hasPipeline = first !== undefined && first !== '-' && !isRecording(first);
  const recordings = hasPipeline ? others : names;
  for (const name of recordings) {
    refuseStream(name);
    if (hasPipeline) refuseSecondPipeline(name);
  }
  return { pipeline: hasPipeline ? first : undefined, recordings };
}

function refuseSecondPipeline(name: string): void {
  if (isRecording(name)) return;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'one pipeline module only', {
    details: { place: name },
    remedy: 'Measure one after the other: sockflow bench slow.ts day.sfrec --json slow.json',
  });
}

function refuseStream(name: string): void {
  const what =
    name === '-'
      ? 'standard input is read once'
      : name.includes('*')
        ? 'a series that is still written has no end'
        : /^[a-z][a-z0-9+.-]+:\/\//i.test(name)
          ? 'a live source cannot be read twice'
          : undefined;
  if (what === undefined) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${what}, and each pass of a benchmark reads the same events again`,
    {
      details: { place: name },
      remedy:
        'Record it first, and give the recording: sockflow record out.sfrec --duration 30s, or cat > out.sfrec',
    },
  );
}
