import type { PeerEvent } from '../peer-fields.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';
import { chunksOf } from './chunks-of.ts';
import { jsonLines } from './json-text.ts';

const NEWLINE = 10;

/** Cut at the last newline of each chunk, its whole lines made one text and split: what those write who found readline slow. */
export const encode: Encode = ({ events }) => {
  const bytes = jsonLines(events);
  return tasksOnObjects(bytes.length, (take) => {
    let begun: Uint8Array[] = [];
    for (const chunk of chunksOf(bytes)) {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) {
        const text = Buffer.concat([...begun, chunk.subarray(0, end - 1)]).toString();
        for (const line of text.split('\n')) take(JSON.parse(line) as PeerEvent);
        begun = [];
      }
      begun.push(chunk.subarray(end));
    }
  });
};
