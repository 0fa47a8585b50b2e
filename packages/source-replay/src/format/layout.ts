/**
 * Offsets and limits of the recording format; the tables and the invariants F1-F17 are in docs/specs/recording.md.
 *
 *   preamble + descriptor | ORIGIN 0 | BLOCK | BLOCK | ... | INDEX | TRAILER
 *
 * Offsets count bytes from the start of the preamble or of the frame's header.
 */

/** F1: everything starts at and takes a multiple of this. */
export const ALIGN_BYTES = 64;
export const MAJOR_VERSION = 1;
/** Of a file without compressed blocks. */
export const PLAIN_MINOR_VERSION = 0;
/** Of a file that may have compressed blocks: the least version that has all that a file uses. */
export const COMPRESSED_MINOR_VERSION = 1;

/** `\x89SFREC\r\n`: text modes that change line ends or drop bit 7 break it. */
export const FILE_MAGIC: readonly number[] = [0x89, 0x53, 0x46, 0x52, 0x45, 0x43, 0x0d, 0x0a];
export const PREAMBLE_BYTES = 64;
export const MAX_FILE_HEADER_BYTES: number = 1 << 20;
export const PREAMBLE = {
  majorOffset: 8,
  minorOffset: 10,
  headerBytesOffset: 12,
  /** Recording id, part, parts, schema fingerprint: 24 bytes. */
  identityOffset: 16,
  descriptorBytesOffset: 40,
  descriptorCrcOffset: 44,
  laneGroupsOffset: 48,
  crcOffset: 60,
} as const;
export const RECORDING_ID_BYTES = 16;

export const FrameType = { ORIGIN: 1, BLOCK: 2, INDEX: 3, TRAILER: 4 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];
/** `SFRM`, read little-endian. */
export const FRAME_MAGIC = 0x4d524653;
export const SKIPPABLE_FLAG = 1;
export const MIN_FRAME_HEADER_BYTES = 64;
export const MAX_FRAME_HEADER_BYTES = 65536;
export const FRAME = {
  magicOffset: 0,
  typeOffset: 4,
  flagsOffset: 6,
  headerBytesOffset: 8,
  bodyBytesOffset: 12,
  offsetOffset: 16,
  numberOffset: 24,
  bodyCrcOffset: 28,
  /** As in the preamble. */
  identityOffset: 32,
  originNumberOffset: 56,
} as const;

export const BLOCK_HEADER_BYTES = 832;
export const MAX_PAYLOAD_BYTES: number = 16 << 20;
export const MIN_PAYLOAD_BYTES: number = 64 << 10;
export const COMPRESSION_NONE = 0;
/** F16: one block of LZ4's block format. */
export const COMPRESSION_LZ4 = 1;
/** F17: one zstd frame. */
export const COMPRESSION_ZSTD = 2;
/** Entries of the counts by kind; entry 0 counts kinds from this on. */
export const KIND_COUNTS = 8;
/** Entries of the counts by op; the last counts all ops from its own number on. */
export const OP_COUNTS = 32;
export const BLOCK = {
  compressionOffset: 60,
  eventsBeforeOffset: 64,
  firstTimeOffset: 72,
  lastTimeOffset: 80,
  laneBucketsOffset: 88,
  payloadBytesOffset: 96,
  storedBytesOffset: 100,
  slotsOffset: 104,
  kindCountsOffset: 112,
  opCountsOffset: 144,
  localPortsOffset: 272,
  remotePortsOffset: 528,
} as const;

export const TRAILER_BYTES = 128;
export const TRAILER = {
  blocksOffset: 60,
  indexOffset: 64,
  eventsOffset: 72,
  markersOffset: 80,
} as const;
