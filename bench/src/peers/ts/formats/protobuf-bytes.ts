import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { sizeDelimitedEncode } from '@bufbuild/protobuf/wire';

import { TcpEventSchema } from '../generated/tcp-event_pb.ts';
import { PEER_FIELDS, type PeerEvent } from '../peer-fields.ts';

function message(event: PeerEvent): MessageInitShape<typeof TcpEventSchema> {
  const entries = Object.entries(event).map(([name, value]) =>
    PEER_FIELDS[name as keyof PeerEvent] === 'u64'
      ? [name, BigInt(value as number)]
      : [name, value],
  );
  return Object.fromEntries(entries) as MessageInitShape<typeof TcpEventSchema>;
}

/** Messages one after another, each behind its size. */
export function sizeDelimited(events: readonly PeerEvent[]): Buffer {
  return Buffer.concat(
    events.map((event) =>
      sizeDelimitedEncode(TcpEventSchema, create(TcpEventSchema, message(event))),
    ),
  );
}
