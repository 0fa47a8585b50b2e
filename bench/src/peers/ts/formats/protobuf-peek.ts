import { fromBinary } from '@bufbuild/protobuf';
import { sizeDelimitedPeek } from '@bufbuild/protobuf/wire';

import { TcpEventSchema } from '../generated/tcp-event_pb.ts';
import type { Encode } from '../peer.ts';
import { tasksOnObjects } from '../tally.ts';
import { sizeDelimited } from './protobuf-bytes.ts';

/* A size is a varint of at most so many bytes. */
const SIZE_BYTES = 10;

/** Message by message out of the buffer, without a stream: `sizeDelimitedPeek` for the size, `fromBinary` for the message. */
export const encode: Encode = ({ events }) => {
  const bytes = sizeDelimited(events);
  return tasksOnObjects(bytes.length, (take) => {
    for (let at = 0; at < bytes.length;) {
      const peeked = sizeDelimitedPeek(bytes.subarray(at, at + SIZE_BYTES));
      if (peeked.eof) throw new Error(`no size at byte ${at}`);
      const start = at + peeked.offset;
      at = start + peeked.size;
      take(fromBinary(TcpEventSchema, bytes.subarray(start, at)));
    }
  });
};
