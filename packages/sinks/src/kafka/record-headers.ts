import { baseOrigin, type Origin } from '@sockflow/core';
import { fingerprintText, RECORD_HEADERS, type RecordSchema } from '@sockflow/kafka-client';
import { originText, SCHEMA_FINGERPRINT } from '@sockflow/source-replay';

/** Headers as the client takes them. The same for many records: nobody changes them. */
export type RecordHeaders = Map<Buffer, Buffer>;

const MAX_ORIGINS_KEPT = 256;
const SCHEMA = Buffer.from(RECORD_HEADERS.schema);
const FINGERPRINT = Buffer.from(RECORD_HEADERS.fingerprint);
const ORIGIN = Buffer.from(RECORD_HEADERS.origin);
const OWN_FINGERPRINT = Buffer.from(fingerprintText(SCHEMA_FINGERPRINT));

/** The headers of a derived value. */
export function valueHeaders(schema: RecordSchema): RecordHeaders {
  return new Map([[SCHEMA, Buffer.from(schema)]]);
}

/** The headers of events or markers, made once for each origin. */
export class OriginHeaders {
  readonly #schema: Buffer;
  readonly #byOrigin: Map<Origin, RecordHeaders>;
  #lastOrigin: Origin | undefined;
  #last: RecordHeaders;

  constructor(schema: RecordSchema) {
    this.#schema = Buffer.from(schema);
    this.#byOrigin = new Map();
    this.#lastOrigin = undefined;
    this.#last = new Map();
  }

  /** @param origin - of a batch: its clock moves on with anchors, its headers do not. */
  of(origin: Origin): RecordHeaders {
    if (origin === this.#lastOrigin) return this.#last;
    const base = baseOrigin(origin);
    let headers = this.#byOrigin.get(base);
    if (headers === undefined) {
      headers = new Map([
        [SCHEMA, this.#schema],
        [FINGERPRINT, OWN_FINGERPRINT],
        [ORIGIN, Buffer.from(originText(base))],
      ]);
      if (this.#byOrigin.size === MAX_ORIGINS_KEPT) this.#byOrigin.clear();
      this.#byOrigin.set(base, headers);
    }
    this.#lastOrigin = origin;
    this.#last = headers;
    return headers;
  }

  /** What they take in a record, bytes. */
  static bytesOf(headers: RecordHeaders): number {
    let bytes = 0;
    for (const [name, value] of headers) bytes += name.length + value.length;
    return bytes;
  }
}
