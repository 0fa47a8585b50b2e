/**
 * Layout of a slot's ring header, the same in kernel ring memory, SAB ring memory and recording blocks.
 *
 *   offset  bytes  field        writer     meaning
 *   ------  -----  -----------  ---------  -----------------------------------------------------------------
 *        0      4  length word  producer   bytes after the 8-byte header (bits 0-29), DISCARD bit 30, BUSY bit 31
 *        4      4  page offset  kernel     the kernel's own; ignored here, zero where we write it
 *        8      -  record       producer   the fields, see schema/event-fields.ts
 *
 * Mirrors BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ in include/uapi/linux/bpf.h (5.8).
 *
 * Invariants
 *   S1  A slot takes 8 + length bytes, rounded up to 8. Slots of ours are 256 + n * 64 bytes: the length is 248 + n * 64.
 *   S2  A slot starts at a multiple of 64 bytes of memory that itself starts on a cache line.
 *   S3  The record may be read once BUSY is clear; the producer clears it last (the length word's store publishes the record).
 *   S4  A slot with DISCARD is skipped, whatever it holds; 64 bytes are enough for one. A ring without double mapping pads its end with one.
 *   S5  A length that is not 56 + n * 64, is below 248 without DISCARD, or goes past the end of the memory is damage; so is BUSY where it may not be
 *       (recording blocks, SAB rings). The walk ends there and the rest is counted as bad. The rules as code: `slotStep`.
 */
/** Bits of the length word: still being written; to be skipped; the bytes after the header. */
export const BUSY_BIT = 0x80000000;
export const DISCARD_BIT = 0x40000000;
export const LENGTH_MASK = 0x3fffffff;
/** Bytes before the record: length word and page offset. */
export const RING_HEADER_BYTES = 8;
/** Bytes of a slot without sections. */
export const SLOT_BYTES = 256;
/** Bytes of a slot with the TCP header's section. */
export const SLOT_WITH_HEADER_BYTES = 320;
/** A longer slot is longer by a multiple of this: a cache line. */
export const SLOT_STEP_BYTES = 64;
/** The length word of a slot without sections. */
export const SLOT_LENGTH: number = SLOT_BYTES - RING_HEADER_BYTES;
/** Words (u32) of a slot without sections. */
export const SLOT_WORDS: number = SLOT_BYTES / 4;
/** Where the presence word lies, as two words from the slot's start. */
export const PRESENCE_LOW_WORD = 14;
export const PRESENCE_HIGH_WORD = 15;
