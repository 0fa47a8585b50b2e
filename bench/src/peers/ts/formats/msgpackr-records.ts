import { Packr } from 'msgpackr';

import type { PeerEvent } from '../peer-fields.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';

/** Records with shared structures, which msgpackr's documentation recommends for many objects of the same few shapes: keys are held once, and a reader is compiled for each shape. */
export const encode: Encode = ({ events }) => {
  const packr = new Packr({ structures: [] });
  const bytes = Buffer.concat(events.map((event) => Buffer.from(packr.pack(event))));
  return tasksOnObjects(bytes.length, (take) => {
    packr.unpackMultiple(bytes, (value) => take(value as PeerEvent));
  });
};
