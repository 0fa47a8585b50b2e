import { type Origin, SLOT_BYTES, SLOT_STEP_BYTES } from '@sockflow/core';

import { KafkaSourceError } from '../errors.ts';
import type { SlotOutput } from './slot-output.ts';
import type { ValueDecoder } from './value-decoder.ts';

/**
 * `slots/1`: whole slots one after another, copied as they are. Whether they are slots is found by the one walk over everything that was decoded (SlotSurvey), after the copy: what is
 * checked is what is read later, and nobody else can write there.
 */
export class SlotsDecoder implements ValueDecoder {
  decode(value: Uint8Array, _origin: Origin, output: SlotOutput): void {
    const bytes = value.length;
    if (bytes < SLOT_BYTES || bytes % SLOT_STEP_BYTES !== 0) {
      throw new KafkaSourceError(
        'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
        `${bytes} bytes are no whole slots: expected at least ${SLOT_BYTES}, in steps of ${SLOT_STEP_BYTES}`,
        { details: { bytes } },
      );
    }
    output.reserve(bytes).u8.set(value, output.endWord * 4);
    output.endWord += bytes / 4;
  }
}
