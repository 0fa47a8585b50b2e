import { Readable } from 'node:stream';

import { sizeDelimitedDecodeStream } from '@bufbuild/protobuf/wire';

import { TcpEventSchema } from '../generated/tcp-event_pb.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';
import { chunksOf } from './chunks-of.ts';
import { sizeDelimited } from './protobuf-bytes.ts';

/** The reader of size-delimited streams that the library has. */
export const encode: Encode = ({ events }) => {
  const bytes = sizeDelimited(events);
  return tasksOnObjects(bytes.length, async (take) => {
    const stream = Readable.from(chunksOf(bytes)) as AsyncIterable<Uint8Array>;
    for await (const event of sizeDelimitedDecodeStream(TcpEventSchema, stream)) take(event);
  });
};
