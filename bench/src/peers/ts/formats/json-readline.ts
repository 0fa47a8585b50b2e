import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import type { PeerEvent } from '../peer-fields.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';
import { chunksOf } from './chunks-of.ts';
import { jsonLines } from './json-text.ts';

/** Line by line off a stream: the `line` event, which the Node.js documentation names as the faster of readline's two ways. */
export const encode: Encode = ({ events }) => {
  const bytes = jsonLines(events);
  return tasksOnObjects(bytes.length, async (take) => {
    const input = Readable.from(chunksOf(bytes), { objectMode: false });
    const lines = createInterface({ input, crlfDelay: Infinity });
    lines.on('line', (line) => take(JSON.parse(line) as PeerEvent));
    await once(lines, 'close');
  });
};
