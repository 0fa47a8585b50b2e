/** What lies in a slot besides the fields: the ring's header, the kind, the byte that `bits` fields share, the presence word. */
// oxfmt-ignore
export const RING_WORDS = [
  { name: 'header_length', offset: 0, type: 'u32', doc: 'the ring header: bytes after it, BUSY bit 31, DISCARD bit 30' },
  { name: 'header_page', offset: 4, type: 'u32', doc: "the ring header: page offset, the kernel's own" },
  { name: 'kind', offset: 8, type: 'u8', doc: 'SOCKFLOW_KIND_*' },
  { name: 'bits', offset: 15, type: 'u8', doc: 'family, is_fullsock, owner_role, has_skb' },
  { name: 'presence', offset: 56, type: 'u64', doc: 'which fields mean something, SOCKFLOW_HAS_*' },
] as const;
