import type { PlanFilter } from '@sockflow/core';

/**
 * What the kernel program does with a filter, in words, or `undefined` where the lane does all of it. A text for whatever narrows the program's filter at all: what a later subscription
 * may still be given is judged by it.
 */
export function describePushDown(filter: PlanFilter): string | undefined {
  switch (filter.type) {
    case 'op':
      return 'in the kernel program: op mask';
    case 'kind':
      return 'in the kernel program: kind mask';
    case 'flags':
      return 'in the kernel program: op events only; the flags in the lane';
    case 'state':
      return 'in the kernel program: op events and snapshots only; the state in the lane';
    case 'port':
      return 'in the kernel program: port map';
    case 'address':
      return 'in the kernel program: longest-prefix map of networks';
    case 'sample':
      return 'in the kernel program: sample threshold';
    case 'connection':
    case 'time':
    case 'where':
      return undefined;
  }
}
