import type { KafkaRecord } from '@platformatic/kafka';
import type { Origin } from '@sockflow/core';
import { parseOrigin, SCHEMA_FINGERPRINT } from '@sockflow/source-replay';

import { KNOWN_SCHEMAS } from './decode/decoders.ts';
import type { ValueDecoder } from './decode/value-decoder.ts';
import { KafkaSourceError } from './errors.ts';

const SCHEMA_HEADER = 'sockflow-schema';
const FINGERPRINT_HEADER = 'sockflow-fingerprint';
const ORIGIN_HEADER = 'sockflow-origin';
const OWN_FINGERPRINT = SCHEMA_FINGERPRINT.toString(16).padStart(8, '0');
const SCHEMA = /^([a-z][a-z-]*)\/(\d{1,9})$/;
/** Texts of origins that are kept: beyond so many they are parsed again. */
const MAX_ORIGINS = 4096;
const NOTHING: Buffer = Buffer.alloc(0);

/** What the headers of a record say: how its value is read, and where it comes from. */
export interface RecordFormat {
  readonly decoder: ValueDecoder;
  readonly origin: Origin;
}

/**
 * Reads headers. The same three header values come with nearly every record: they are compared as bytes with those before, so that nothing is parsed and nothing allocated for most
 * records. One a lane.
 */
export class RecordFormats {
  readonly #decoders: Map<string, ValueDecoder>;
  /** By text, so that one origin is one object as long as its text stays the same. */
  readonly #origins: Map<string, Origin>;
  #schema: Buffer;
  #fingerprint: Buffer;
  #origin: Buffer;
  #last: RecordFormat | undefined;

  constructor() {
    this.#decoders = new Map();
    this.#origins = new Map();
    this.#schema = NOTHING;
    this.#fingerprint = NOTHING;
    this.#origin = NOTHING;
    this.#last = undefined;
  }

  /** @throws ERR_SOCKFLOW_KAFKA_SCHEMA, ERR_SOCKFLOW_KAFKA_BAD_VALUE */
  of({ headers }: KafkaRecord): RecordFormat {
    let schema = NOTHING;
    let fingerprint = NOTHING;
    let origin = NOTHING;
    for (const header of headers) {
      const name = header[0];
      const value = header[1];
      if (name === null || value === null) continue;
      if (isNamed(name, SCHEMA_HEADER)) schema = value;
      else if (isNamed(name, ORIGIN_HEADER)) origin = value;
      else if (isNamed(name, FINGERPRINT_HEADER)) fingerprint = value;
    }
    const isSame =
      this.#last !== undefined &&
      origin.equals(this.#origin) &&
      schema.equals(this.#schema) &&
      fingerprint.equals(this.#fingerprint);
    return isSame ? (this.#last as RecordFormat) : this.#learn(schema, fingerprint, origin);
  }

  #learn(schema: Buffer, fingerprint: Buffer, origin: Buffer): RecordFormat {
    this.#last = undefined;
    const format = {
      decoder: this.#decoderOf(schema.toString(), fingerprint.toString()),
      origin: this.#originOf(origin.toString()),
    };
    // Copies: what was fetched is larger, and would be kept alive.
    this.#schema = Buffer.from(schema);
    this.#fingerprint = Buffer.from(fingerprint);
    this.#origin = Buffer.from(origin);
    this.#last = format;
    return format;
  }

  #decoderOf(schema: string, fingerprint: string): ValueDecoder {
    if (schema === '') throw badHeader(`no header ${SCHEMA_HEADER}: not written by Sockflow`);
    const [, name = '', version = ''] = SCHEMA.exec(schema) ?? [];
    const known = KNOWN_SCHEMAS.get(name);
    if (known === undefined || Number(version) > known.version) throw unknownSchema(schema);
    if (known.needsFingerprint && fingerprint !== OWN_FINGERPRINT) {
      throw new KafkaSourceError(
        'ERR_SOCKFLOW_KAFKA_SCHEMA',
        `slots were written with the record layout '${fingerprint}', this version has '${OWN_FINGERPRINT}'`,
        { remedy: 'Read them with the version that wrote them', details: { schema, fingerprint } },
      );
    }
    let decoder = this.#decoders.get(name);
    if (decoder === undefined) {
      decoder = known.createDecoder();
      this.#decoders.set(name, decoder);
    }
    return decoder;
  }

  #originOf(text: string): Origin {
    const known = this.#origins.get(text);
    if (known !== undefined) return known;
    const origin = parseOrigin(text);
    if (origin === undefined || origin.id === '') throw badHeader(`no origin in ${ORIGIN_HEADER}`);
    if (this.#origins.size === MAX_ORIGINS) this.#origins.clear();
    this.#origins.set(text, origin);
    return origin;
  }
}

/** Byte by byte: a text for each header of each record would be garbage. */
function isNamed(bytes: Buffer, name: string): boolean {
  if (bytes.length !== name.length) return false;
  // From the end: the names begin alike.
  for (let index = name.length - 1; index >= 0; index--) {
    if (bytes[index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

function badHeader(what: string): KafkaSourceError {
  return new KafkaSourceError('ERR_SOCKFLOW_KAFKA_BAD_VALUE', what);
}

function unknownSchema(schema: string): KafkaSourceError {
  const isDerived = schema.startsWith('value-');
  return new KafkaSourceError(
    'ERR_SOCKFLOW_KAFKA_SCHEMA',
    isDerived
      ? `the schema '${schema}' is of derived values, which are no events`
      : `the schema '${schema}' is not known to this version`,
    {
      remedy: isDerived
        ? 'Read a topic that events were written to'
        : 'Read it with the version that wrote it, or a newer one',
      details: { schema },
    },
  );
}
