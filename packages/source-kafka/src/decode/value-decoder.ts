import type { Origin } from '@sockflow/core';

import type { SlotOutput } from './slot-output.ts';

/**
 * Makes slots of the value of one record: one decoder for each schema that the header `sockflow-schema` names. Made once a lane, called for each record, in the lane's thread.
 *
 * A value is untrusted: a decoder reads nothing outside of it, believes no length in it unchecked, and takes memory in proportion to it only. What it wrote is walked afterwards like
 * any other slots: it need not count.
 */
export interface ValueDecoder {
  /**
   * Writes the slots at the output's end. Synchronous; keeps nothing of the value, which is a part of a larger buffer.
   *
   * A throw of an error of ours (`isSockflowError`) says that the value is no such value: what was written of it is taken back. Any other throw is a bug, and ends the run.
   */
  decode(value: Uint8Array, origin: Origin, output: SlotOutput): void;
}
