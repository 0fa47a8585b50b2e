import { ConfigError, type Sink } from '@sockflow/core';
import { type FieldChoice, loadSink, parseSinkSpec } from '@sockflow/sinks';

import { notePlace } from '../terminal/noted-place.ts';
import { isStdout } from './recording-output.ts';
import { refuseSameFile } from './same-file.ts';
import { shownSink } from './shown-sink.ts';

/** What the sinks of a command line are, once each was made to see whether it can be. */
export interface CheckedSinks {
  /** Whether one of them writes to the standard output. */
  readonly usesStdout: boolean;
  readonly sinks: readonly Sink[];
}

/**
 * Makes each sink once, which opens nothing: what is wrong with it is told before anything is read.
 *
 * @throws what the sink's own module says of it; ERR_SOCKFLOW_INVALID_OPTION for one that would write over the input.
 */
export async function checkSinks(
  specs: readonly string[],
  inputs: readonly string[],
  fields?: readonly FieldChoice[],
): Promise<CheckedSinks> {
  let usesStdout = false;
  const sinks: Sink[] = [];
  for (const text of specs) {
    try {
      const { scheme, target } = parseSinkSpec(text);
      if (scheme === 'memory') throw memoryRefused();
      if (scheme === 'console') usesStdout = true;
      if (scheme === 'file' && isStdout(target)) usesStdout = true;
      if (scheme === 'file' && target !== '') {
        for (const input of inputs) refuseSameFile(input, target);
      }
      sinks.push(await loadSink(text, { fields }));
    } catch (error) {
      throw notePlace(error, `--sink ${shownSink(text)}`);
    }
  }
  return { usesStdout, sinks };
}

/** What a memory sink takes is for the program that started the run: this one would drop it. */
function memoryRefused(): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    'the memory sink is for programs: the command would show none of its events',
    { remedy: 'Take --sink console:, or --sink console:?encoding=ndjson for JSON lines' },
  );
}
