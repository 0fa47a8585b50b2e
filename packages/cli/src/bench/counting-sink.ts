import { type Batch, isBatch, type Sink } from '@sockflow/core';

/** What is done with a batch besides. */
export type BatchStep = (batch: Batch) => void;

/** A sink that counts what it is given and drops it: what would encode and write it is not what is measured. */
export function countingSink(step?: BatchStep): Sink {
  return {
    name: 'discard',
    accepts: 'both',
    open: () => {
      let count = 0;
      return {
        write: (input) => {
          if (!isBatch(input)) count++;
          else {
            step?.(input);
            count += input.size;
          }
        },
        flush: () => {},
        close: () => ({}),
        get acknowledged() {
          return count;
        },
        failed: 0,
      };
    },
  };
}
