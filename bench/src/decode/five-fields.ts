import type { EventView } from '@sockflow/core';

/** Five fields of an event that has them, summed: what `sum` of slots.c does. */
export function fiveFields(event: EventView): number {
  const { srttUs } = event;
  if (srttUs === undefined) return 0;
  return (
    srttUs +
    (event.sndCwnd ?? 0) +
    (event.totalRetrans ?? 0) +
    (event.bytesAcked ?? 0) +
    event.localPort
  );
}
