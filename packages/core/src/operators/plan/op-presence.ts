import { PRESENCE_BIT, stampPresence } from '../../schema/generated/presence.ts';
import { Kind } from '../../schema/kind.ts';
import type { FlagField } from './plan-segment.ts';

const FIELD_OF: Readonly<Record<FlagField, keyof typeof PRESENCE_BIT>> = {
  cb: 'bpf_sock_ops_cb_flags',
  tcp: 'skb_tcp_flags',
  ecn: 'ecn_flags',
};
const FULLSOCK_AND_SKB = 0x90000000;
const ALL_BITS = 0xffffffff;

/** Whether an event of this op can have such flags at all: asked of the one presence rule, with everything given that an event can have. */
export function mayHaveFlags(op: number, field: FlagField): boolean {
  const slot = new Uint32Array(80);
  slot[2] = Kind.OP | (op << 8);
  slot[3] = FULLSOCK_AND_SKB;
  stampPresence(slot, 0, ALL_BITS, ALL_BITS);
  return (slot[14]! & (1 << PRESENCE_BIT[FIELD_OF[field]])) !== 0;
}
