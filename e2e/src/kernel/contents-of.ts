import { lastValueFrom, reduce } from 'rxjs';
import { type EventObject, fromReplay, type Marker } from 'sockflow';

/** What a recording holds. */
export interface Contents {
  readonly events: EventObject[];
  readonly markers: Marker[];
}

/** Reads all of it. */
export function contentsOf(path: string): Promise<Contents> {
  const all: Contents = { events: [], markers: [] };
  return lastValueFrom(
    fromReplay(path).pipe(
      reduce(({ events, markers }, batch) => {
        events.push(...batch.toObjects());
        markers.push(...batch.markers);
        return { events, markers };
      }, all),
    ),
  );
}
