import type { OpenSource } from '@sockflow/core';

import { SourceError } from '../../errors.ts';
import type { FollowBoard } from './follow-board.ts';
import type { FollowLaneData } from './follow-lane.ts';
import type { Followed } from './followed.ts';
import type { Spool } from './spool.ts';

/** The main thread's end of a recording that is followed: as of a live source, nobody knows how much there will be. */
export class OpenFollow implements OpenSource {
  readonly totalBytes: undefined = undefined;
  readonly #followed: Followed;
  readonly #board: FollowBoard;
  readonly #spool: Spool | undefined;
  readonly #toleratesDamage: boolean;

  constructor(
    followed: Followed,
    board: FollowBoard,
    spool: Spool | undefined,
    toleratesDamage: boolean,
  ) {
    this.#followed = followed;
    this.#board = board;
    this.#spool = spool;
    this.#toleratesDamage = toleratesDamage;
  }

  laneData(): FollowLaneData {
    return { followed: this.#followed, board: this.#board.memory };
  }

  async close(): Promise<void> {
    await this.#spool?.close();
    const { badEvents, failure } = this.#board;
    const isDamage = failure?.code === 'ERR_SOCKFLOW_RECORDING_DAMAGED';
    if (failure !== undefined && !(isDamage && this.#toleratesDamage)) throw failure;
    if (badEvents === 0 || this.#toleratesDamage) return;
    throw new SourceError(
      'ERR_SOCKFLOW_RECORDING_DAMAGED',
      `blocks of the recording do not match their checksums: ${badEvents} events lost`,
      {
        details: { events: badEvents },
        remedy:
          'All whole blocks were given; with tolerateDamage (--tolerate-damage) such a run ends well',
      },
    );
  }
}
