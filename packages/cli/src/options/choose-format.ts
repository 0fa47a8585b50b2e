import { ConfigError } from '@sockflow/core';

/** What `convert` can write. */
export const OUTPUT_FORMATS = [
  'recording',
  'ndjson',
  'csv',
  'msgpack',
  'msgpack-records',
  'context-json',
] as const;
/** One of them. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Whether an output is named like something that is no recording. */
export function isNamedLikeOther(output: string): boolean {
  return /\.((nd)?jsonl?|csv|msgpack)(\.gz)?$/i.test(output);
}

/** The format to write: as said, or as the name's extension says. */
export function chooseOutputFormat(output: string, said: OutputFormat | undefined): OutputFormat {
  if (said !== undefined) return said;
  if (/\.sfrec$/i.test(output)) return 'recording';
  if (/\.context\.ndjson(\.(gz|zst))?$/i.test(output)) return 'context-json';
  if (/\.(ndjson|jsonl)(\.(gz|zst))?$/i.test(output)) return 'ndjson';
  if (/\.csv(\.(gz|zst))?$/i.test(output)) return 'csv';
  if (/\.records\.msgpack(\.(gz|zst))?$/i.test(output)) return 'msgpack-records';
  if (/\.msgpack(\.(gz|zst))?$/i.test(output)) return 'msgpack';
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    output === '-'
      ? 'nothing says what to write to the standard output'
      : `the name '${output}' does not say what to write`,
    {
      details: { place: 'the output' },
      remedy: `Give --to ${OUTPUT_FORMATS.join(' or --to ')}, or a name that ends in .sfrec, .ndjson, .csv or .msgpack`,
    },
  );
}
