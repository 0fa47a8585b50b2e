import type { OpenSource, SourceLedger } from '@sockflow/core';

import { Board, NOTES } from './board.ts';
import type { KafkaLaneData } from './kafka-lane.ts';
import type { EndOffsets } from './owned-partitions.ts';
import type { KafkaSourceSettings } from './source-options.ts';

const CLASS = 'records';

/** The source as the main thread holds it: it made the board that the lanes write to, and reads it. */
export class OpenKafka implements OpenSource {
  readonly totalBytes: undefined = undefined;
  readonly #settings: KafkaSourceSettings;
  readonly #endOffsets: EndOffsets;
  readonly #buffer: SharedArrayBuffer;
  readonly #board: Board;
  #isClosed: boolean;

  constructor(settings: KafkaSourceSettings, endOffsets: EndOffsets, lanes: number) {
    this.#settings = settings;
    this.#endOffsets = endOffsets;
    this.#buffer = Board.allocate(lanes);
    this.#board = new Board(this.#buffer);
    this.#isClosed = false;
  }

  laneData(): KafkaLaneData {
    return { settings: this.#settings, endOffsets: this.#endOffsets, board: this.#buffer };
  }

  ledger(): SourceLedger {
    const nothing = { made: 0, notAskedFor: 0, filtered: 0, folded: 0, shed: 0, lost: 0 };
    const counts = Array.from({ length: this.#board.lanes }, (_, lane) => {
      // Once: what is seen is what is handed to the lane.
      const submitted = this.#board.of(lane, 'submitted');
      return { ...nothing, lane, class: CLASS, seen: submitted, submitted };
    });
    const notes: Record<string, number> = {};
    for (const note of NOTES) {
      if (note !== 'submitted') notes[note] = this.#board.sum(note);
    }
    return {
      counts,
      madeByKind: {},
      notes,
      isSettled: this.#isClosed,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}
