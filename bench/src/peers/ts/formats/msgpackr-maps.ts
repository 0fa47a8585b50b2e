import { Packr, Unpackr } from 'msgpackr';

import type { PeerEvent } from '../peer-fields.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';

/** Maps with their keys, as any other reader of MessagePack takes them; several values of one buffer by `unpackMultiple`. */
export const encode: Encode = ({ events }) => {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const bytes = Buffer.concat(events.map((event) => Buffer.from(packr.pack(event))));
  const unpackr = new Unpackr({ useRecords: false });
  return tasksOnObjects(bytes.length, (take) => {
    unpackr.unpackMultiple(bytes, (value) => take(value as PeerEvent));
  });
};
