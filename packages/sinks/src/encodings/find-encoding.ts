import { ConfigError } from '@sockflow/core';

import { unknownName } from '../unknown-name.ts';
import { contextJson } from './context-json.ts';
import { csv } from './csv/csv.ts';
import type { Encoding } from './encoding.ts';
import { chosenFields, type FieldChoice, knownFields } from './event-code/event-fields.ts';
import { msgpack } from './msgpack/msgpack.ts';
import { ndjson } from './ndjson/ndjson.ts';
import { recording } from './recording/recording.ts';
import { table } from './table/table.ts';

/** The encodings that have a name: what `encoding: 'ndjson'` and file extensions choose from. */
export type EncodingName =
  | 'recording'
  | 'ndjson'
  | 'csv'
  | 'msgpack'
  | 'msgpack-records'
  | 'context-json'
  | 'table';
const ENCODINGS: Readonly<
  Record<EncodingName, (options: { fields?: readonly FieldChoice[] }) => Encoding>
> = {
  recording: () => recording(),
  ndjson,
  csv,
  msgpack,
  'msgpack-records': (options) => msgpack({ ...options, useRecords: true }),
  'context-json': () => contextJson(),
  table: () => table(),
};
/** The path that means standard output. */
const STANDARD_OUTPUT = '-';
/** Encodings that can leave fields out. */
const WITH_FIELDS: readonly EncodingName[] = ['ndjson', 'csv', 'msgpack', 'msgpack-records'];
/** Names of all encodings. */
export const ENCODING_NAMES: readonly EncodingName[] = Object.keys(ENCODINGS) as EncodingName[];

/** Which encoding a destination writes. */
export interface EncodingChoice {
  /** By name, or one of your own; by the extension of the path where not given. */
  readonly encoding?: EncodingName | Encoding | undefined;
  /** The fields of events, for encodings that can leave some out, under their names or others: `op as operator`. */
  readonly fields?: readonly FieldChoice[] | undefined;
}

function isName(name: string): name is EncodingName {
  return Object.hasOwn(ENCODINGS, name);
}

/** The encoding that the name of a file tells. */
export function encodingByExtension(path: string): EncodingName | undefined {
  if (path === STANDARD_OUTPUT) return 'ndjson';
  const all = ENCODING_NAMES.flatMap((name) =>
    ENCODINGS[name]({}).extensions.map((extension) => ({ name, extension })),
  ).toSorted((a, b) => b.extension.length - a.extension.length);
  return all.find(({ extension }) => path.endsWith(extension))?.name;
}

/**
 * A name that tells no encoding, as an error.
 *
 * @param example - how the caller would say one.
 */
export function noEncoding(path: string, example: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `the name ${path} tells no encoding`, {
    remedy: `Say it, as in ${example}; there are ${ENCODING_NAMES.join(', ')}`,
    details: { option: 'encoding', path },
  });
}

/** @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION */
export function findEncoding(path: string, choice: EncodingChoice): Encoding {
  const { encoding = encodingByExtension(path), fields } = choice;
  if (encoding === undefined) {
    throw noEncoding(path, "encoding: 'ndjson'");
  }
  if (typeof encoding === 'string' && !isName(encoding))
    throw unknownName('encoding', encoding, ENCODING_NAMES);
  if (fields === undefined)
    return typeof encoding === 'string' ? ENCODINGS[encoding]({}) : encoding;
  if (typeof encoding === 'string' && WITH_FIELDS.includes(encoding)) {
    knownFields(chosenFields(fields));
    return ENCODINGS[encoding]({ fields });
  }
  const name = typeof encoding === 'string' ? encoding : encoding.name;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `the encoding ${name} takes no 'fields'`, {
    remedy: `Leave 'fields' out, or use ${WITH_FIELDS.join(', ')}`,
    details: { option: 'fields', encoding: name },
  });
}
