import { JsonDecoder } from './json-decoder.ts';
import { MsgpackDecoder } from './msgpack-decoder.ts';
import { SlotsDecoder } from './slots-decoder.ts';
import type { ValueDecoder } from './value-decoder.ts';

/** How values of one schema are read. */
export interface KnownSchema {
  /** The newest version that can be read. */
  readonly version: number;
  /** Whether values can be read only with the very fields that their writer had. */
  readonly needsFingerprint: boolean;
  /** One a lane. */
  readonly createDecoder: () => ValueDecoder;
}

/** Values that say by names what is there: any reader of the version takes them. */
function named(createDecoder: () => ValueDecoder): KnownSchema {
  return { version: 1, needsFingerprint: false, createDecoder };
}

/** By the name before the slash in the header `sockflow-schema`: `slots/1`. */
export const KNOWN_SCHEMAS: ReadonlyMap<string, KnownSchema> = new Map([
  ['event-json', named(() => new JsonDecoder('event'))],
  ['marker-json', named(() => new JsonDecoder('marker'))],
  ['event-msgpack', named(() => new MsgpackDecoder('event'))],
  ['marker-msgpack', named(() => new MsgpackDecoder('marker'))],
  [
    'slots',
    { version: 1, needsFingerprint: true, createDecoder: (): ValueDecoder => new SlotsDecoder() },
  ],
]);
