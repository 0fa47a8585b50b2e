import type { EventObject } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';

/** All events of a recording, markers apart. */
export async function readEvents(path: string): Promise<EventObject[]> {
  const events: EventObject[] = [];
  await fromReplay(path).forEach((batch) => {
    for (const event of batch.toObjects()) events.push(event);
  });
  return events;
}
