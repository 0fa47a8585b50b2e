/** What is checked of the bytes of a recording; the ids are those of docs/specs/recording.md, which says what each means exactly. */
// oxfmt-ignore
export const INVARIANTS = {
  F1: 'file header and frames lie one after the other, and all of them take multiples of 64 bytes',
  F2: 'every checksum is that of the bytes it covers',
  F3: 'a frame states its own place, recording and part',
  F4: 'frames are numbered without gaps; a closed part ends with one INDEX and one TRAILER, and nothing behind them',
  F5: 'origins are numbered from 0, lie before the blocks that name them, and all copies of one are the same',
  F6: 'a payload is whole slots, as long as its block says, of at most 16 MiB',
  F7: 'the statistics of a block are those of its slots',
  F8: 'events before is the sum of the events of the blocks before',
  F10: 'INDEX and TRAILER say what the frames before them say',
  F12: 'all parts of the recording are there, and each is one of them',
  F14: 'a block holds slots of one lane group',
  F15: 'a marker begins a window: no event lies before it in its block',
  F16: 'a block that is compressed is smaller than its payload, and decompresses to exactly that',
} as const;

/** The id of an invariant that can be checked; F9, F11 and F13 speak of what happened, not of what lies in the file. */
export type InvariantId = keyof typeof INVARIANTS;

/** One place that is not as the format says. */
export interface FormatFinding {
  readonly invariant: InvariantId;
  readonly path: string;
  /** The number that the frame says; `undefined` for the file header, and where no frame is. */
  readonly frame: number | undefined;
  /** What the frame is: `BLOCK`; `file header`. */
  readonly place: string;
  /** Where in the file it starts. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}
