import { setFlagsFromString } from 'node:v8';

/**
 * V8 puts at most 920 bytes of bytecode of other functions into one that it optimizes: some twenty accessors of a view. What reads more calls the rest, 2 ns each, and which
 * ones is chance: the same step took 70 or 250 ns an event (bench/src/decode/every-field.ts). This is enough for every accessor there is.
 */
const INLINED_BYTECODE_BYTES = 3000;

let isDone = false;

/**
 * Lets V8 inline all accessors that a step of a pipeline reads. It holds for the whole process, which is why only lanes call it (docs/adr/0008-inlined-accessors.md), and
 * `SOCKFLOW_V8_INLINING=default` leaves V8 as it is.
 */
export function inlineAccessors(
  env: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (isDone || env['SOCKFLOW_V8_INLINING'] === 'default') return;
  isDone = true;
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE_BYTES}`);
}
