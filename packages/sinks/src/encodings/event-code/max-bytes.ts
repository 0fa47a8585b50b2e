/** The most bytes that values of events have as text, without quotes. */
export const MAX_BYTES = {
  uint64: 20,
  /** Any number, and wall clocks beyond 64 bits with their sign. */
  number: 25,
  /** Names beyond their tables: flag sets, `UNKNOWN(4294967295)`. */
  name: 64,
  address: 39,
  /** 16 characters, each as a UTF-8 pair. */
  comm: 32,
  /** In quotes, each a pair. */
  csvComm: 34,
  /** Each as an escape of JSON. */
  jsonComm: 96,
  headerHex: 120,
} as const;
