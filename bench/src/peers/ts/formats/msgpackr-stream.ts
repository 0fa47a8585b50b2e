import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { PackrStream, UnpackrStream } from 'msgpackr';

import type { PeerEvent } from '../peer-fields.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';
import { chunksOf } from './chunks-of.ts';

/** Streams as msgpackr's documentation has them: records, each structure in the stream before its first use. */
export const encode: Encode = async ({ events }) => {
  const chunks: Buffer[] = [];
  const packed = Readable.from(events).pipe(new PackrStream());
  for await (const chunk of packed) chunks.push(Buffer.from(chunk as Buffer));
  const bytes = Buffer.concat(chunks);
  return tasksOnObjects(bytes.length, async (take) => {
    const unpackr = new UnpackrStream();
    unpackr.on('data', (value) => take(value as PeerEvent));
    await pipeline(Readable.from(chunksOf(bytes)), unpackr);
  });
};
