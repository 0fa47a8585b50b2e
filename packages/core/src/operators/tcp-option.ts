/** One option of a TCP header. Bytes are in hexadecimal; `kind` is the option's number. */
export type TcpOption =
  | { readonly kind: number; readonly name: 'END' | 'NOP' | 'SACK_PERMITTED' }
  | { readonly kind: number; readonly name: 'MSS'; readonly mssBytes: number }
  | { readonly kind: number; readonly name: 'WINDOW_SCALE'; readonly shift: number }
  | { readonly kind: number; readonly name: 'SACK'; readonly blocks: readonly SackBlock[] }
  | {
      readonly kind: number;
      readonly name: 'TIMESTAMPS';
      readonly value: number;
      readonly echoReply: number;
    }
  | { readonly kind: number; readonly name: 'FAST_OPEN'; readonly cookie: string }
  | {
      readonly kind: number;
      readonly name: 'MPTCP';
      readonly subtype: number;
      readonly bytes: string;
    }
  /** Kinds 253 and 254: the bytes after the length, an experiment's id in the first two or four. */
  | { readonly kind: number; readonly name: 'EXPERIMENT'; readonly bytes: string }
  /** A kind that is not known here: the bytes after the length. */
  | { readonly kind: number; readonly name: 'UNKNOWN'; readonly bytes: string }
  /** A length that its kind cannot have, or that leads past the header: all bytes of the option, kind and length included. */
  | { readonly kind: number; readonly name: 'MALFORMED'; readonly bytes: string }
  /** An option cut off where the capture ends, not the header: the bytes that are there. */
  | { readonly kind: number; readonly name: 'TRUNCATED'; readonly bytes: string };

/** A block of sequence numbers that arrived out of order; end exclusive. */
export interface SackBlock {
  readonly start: number;
  readonly end: number;
}

/** The options of a captured TCP header. */
export interface TcpOptionList {
  readonly options: readonly TcpOption[];
  /** Whether the header is longer than what was captured of it. */
  readonly isTruncated: boolean;
}
