/**
 * Layout of a ring: two pages of control words and the slots. A SAB ring is laid out like the kernel's BPF ring buffer, and adds words where the kernel has none.
 *
 *   consumer page
 *   offset  bytes  field             writer     meaning
 *   ------  -----  ----------------  ---------  ----------------------------------------------------------------------
 *        0      8  consumer position consumer   bytes released since the start, u64
 *      128      4  consumer state    consumer*  0 awake, 1 asleep until something is published, 2 closed: nobody reads any more
 *
 *   producer page
 *   offset  bytes  field             writer     meaning
 *   ------  -----  ----------------  ---------  ----------------------------------------------------------------------
 *        0      8  producer position producer   SAB ring: bytes published since the start, u64. Kernel ring: bytes reserved
 *       64      8  events            producer   events published: slots that are neither DISCARD nor markers, u64
 *       72      8  refused           producer   claims refused because the ring was full, u64
 *       80      8  time              producer   the producer's event time, us since boot, u64: later events are not older
 *      128      4  producer state    producer*  0 awake, 1 asleep until something is released, 2 ended: nothing will come any more
 *
 *   data
 *   offset  bytes  field             writer     meaning
 *   ------  -----  ----------------  ---------  ----------------------------------------------------------------------
 *        0      -  slots             producer   the slot at position p begins at p mod capacity
 *
 *   * The peer changes 1 to 0 when it wakes the sleeper, and nothing else (waiting/wake-word.ts).
 *
 * Mirrors struct bpf_ringbuf in kernel/bpf/ringbuf.c (5.8): consumer_pos and producer_pos on pages of their own, then the data, mapped twice in a row. A
 * kernel ring has the two positions and none of the other words. All words are little-endian.
 *
 * For strangers, with the steps in words: docs/specs/ring.md.
 *
 * Invariants
 *   R1  Each word has one writing thread, the states' change from 1 to 0 apart. When the producer's thread is gone, who started it may end the ring (end-ring.ts).
 *   R2  Words that different threads write are on different pages: neither a cache line nor the neighbour that is prefetched with it is shared.
 *   R3  Capacity is a power of two; producer position - consumer position is in [0, capacity], so 32-bit differences of positions are exact.
 *   R4  Both positions are multiples of 64 and only grow. A position is never seen torn: its low half is stored alone while the high half stays, and both in
 *       one 64-bit store when it carries.
 *   R5  A slot does not wrap: a SAB ring fills the rest of its memory with a DISCARD slot; a kernel ring's memory is mapped twice.
 *   R6  A slot is claimed with BUSY; its record is filled; BUSY is cleared; in a SAB ring only then the producer position moves past it. So whatever lies
 *       before the producer position of a SAB ring is free of BUSY. In a kernel ring the position moves at reserve, and BUSY says what is published.
 *   R7  The producer writes only to [producer position, consumer position + capacity). The consumer reads only in [consumer position, producer position),
 *       and writes nothing but its page.
 *   R8  Memory is the producer's again when the consumer position has moved past it.
 *   R9  The state "ended" is stored after the last producer position: a consumer that sees it and then finds the ring empty has read everything.
 *   R10 What a claim refused because the ring was full is counted, always. A claim that finds it full publishes what was submitted: a producer never waits
 *       for room that only its own unpublished slots take.
 *   R11 `time` is stored after the producer position and read before it: events up to it are before the position that is read.
 */
export const CONSUMER_POSITION_OFFSET = 0;
export const CONSUMER_STATE_OFFSET = 128;
export const PRODUCER_POSITION_OFFSET = 0;
export const EVENTS_OFFSET = 64;
export const REFUSED_OFFSET = 72;
export const TIME_OFFSET = 80;
export const PRODUCER_STATE_OFFSET = 128;
/** Bytes of each page of a SAB ring. */
export const RING_PAGE_BYTES = 4096;
export const MIN_RING_BYTES = 4096;
/** A position's 32-bit difference must tell empty from full. */
export const MAX_RING_BYTES = 0x40000000;
