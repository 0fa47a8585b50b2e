import { baseOrigin, type Origin } from '@sockflow/core';
import { fingerprintText, RECORD_HEADERS, type RecordSchema } from '@sockflow/kafka-client';
import { originText, SCHEMA_FINGERPRINT } from '@sockflow/source-replay';

import { type EncodedHeaders, encodeHeaders } from './record-batch.ts';

const MAX_ORIGINS_KEPT = 256;
const SCHEMA = Buffer.from(RECORD_HEADERS.schema);
const FINGERPRINT = Buffer.from(RECORD_HEADERS.fingerprint);
const ORIGIN = Buffer.from(RECORD_HEADERS.origin);
const OWN_FINGERPRINT = Buffer.from(fingerprintText(SCHEMA_FINGERPRINT));

/** The headers of a derived value. */
export function valueHeaders(schema: RecordSchema): EncodedHeaders {
  return encodeHeaders(new Map([[SCHEMA, Buffer.from(schema)]]));
}

/** The headers of events or markers, made once for each origin. */
export class OriginHeaders {
  readonly #schema: Buffer;
  readonly #byOrigin: Map<Origin, EncodedHeaders>;
  #lastOrigin: Origin | undefined;
  #last: EncodedHeaders;

  constructor(schema: RecordSchema) {
    this.#schema = Buffer.from(schema);
    this.#byOrigin = new Map();
    this.#lastOrigin = undefined;
    this.#last = new Uint8Array(0);
  }

  /** @param origin - of a batch: its clock moves on with anchors, its headers do not. */
  of(origin: Origin): EncodedHeaders {
    if (origin === this.#lastOrigin) return this.#last;
    const base = baseOrigin(origin);
    let headers = this.#byOrigin.get(base);
    if (headers === undefined) {
      headers = encodeHeaders(
        new Map([
          [SCHEMA, this.#schema],
          [FINGERPRINT, OWN_FINGERPRINT],
          [ORIGIN, Buffer.from(originText(base))],
        ]),
      );
      if (this.#byOrigin.size === MAX_ORIGINS_KEPT) this.#byOrigin.clear();
      this.#byOrigin.set(base, headers);
    }
    this.#lastOrigin = origin;
    this.#last = headers;
    return headers;
  }
}
