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

/** By the name before the slash in the header `sockflow-schema`: `slots/1`. */
export const KNOWN_SCHEMAS: ReadonlyMap<string, KnownSchema> = new Map([
  [
    'slots',
    { version: 1, needsFingerprint: true, createDecoder: (): ValueDecoder => new SlotsDecoder() },
  ],
]);
