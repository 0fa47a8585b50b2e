/**
 * What the lanes of a source tell the main thread of themselves, in one shared memory.
 *
 * A row of each lane, from (lane * NOTES.length) * 8 on, one unsigned 64-bit word for each note in the order of NOTES:
 *
 *   note                   meaning
 *   ---------------------  ---------------------------------------------------------------------------------------------
 *   submitted              slots and bad records that were handed to the lane
 *   lag                    records that lie in the partitions the lane owns and are not acknowledged
 *   partitions             partitions the lane owns
 *   rebalances             how often partitions were dealt anew while the lane was a member
 *   commits                commits that the brokers have accepted
 *   failedCommits          commits that failed, and were tried again
 *   unacknowledgedAtRevoke records given and not acknowledged when their partition was taken away: delivered again by its new owner
 *   deadLetters            records that the dead-letter topic has acknowledged
 *   expired                records that retention has removed before they were read
 *
 * Invariants
 *   B1  A row has one writer, its lane. Each word is stored and loaded with Atomics: no word is ever seen half written.
 *   B2  Words are of no one moment: what they say together is right once the lanes have ended, whose threads' ends order everything before them.
 */
export const NOTES = [
  'submitted',
  'lag',
  'partitions',
  'rebalances',
  'commits',
  'failedCommits',
  'unacknowledgedAtRevoke',
  'deadLetters',
  'expired',
] as const;
/** A note of a lane, by its name. */
export type Note = (typeof NOTES)[number];

/** A lane's row, or the sums of all. */
export class Board {
  readonly #words: BigUint64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new BigUint64Array(buffer);
  }

  static allocate(lanes: number): SharedArrayBuffer {
    return new SharedArrayBuffer(lanes * NOTES.length * 8);
  }

  get lanes(): number {
    return this.#words.length / NOTES.length;
  }

  /** Writes the row. Several times a second at most: each word is a bigint. */
  store(lane: number, notes: Readonly<Record<Note, number>>): void {
    for (const [index, note] of NOTES.entries()) {
      Atomics.store(this.#words, lane * NOTES.length + index, BigInt(Math.max(0, notes[note])));
    }
  }

  of(lane: number, note: Note): number {
    return Number(Atomics.load(this.#words, lane * NOTES.length + NOTES.indexOf(note)));
  }

  sum(note: Note): number {
    let sum = 0;
    for (let lane = 0; lane < this.lanes; lane++) sum += this.of(lane, note);
    return sum;
  }
}
