import {
  ConfigError,
  type LaneSource,
  type OpenSource,
  type PaceReport,
  type PlanFilter,
  type Source,
  type SourceContext,
  type SourceLaneContext,
} from '@sockflow/core';

import { SourceError } from '../errors.ts';
import { BlockTable } from '../reader/block-table.ts';
import { type Damage, describeDamage } from '../reader/damage.ts';
import { takeOver } from '../reader/handed-over.ts';
import type { Recording } from '../reader/open-recording.ts';
import { DiskFile } from '../reader/random-access-file.ts';
import { describeExclusion } from './block-exclusion.ts';
import { FollowLane } from './follow/follow-lane.ts';
import { checkStream, openStream, STDIN } from './follow/open-stream.ts';
import { LaneShare } from './lane-share.ts';
import { PaceBoard } from './pace/pace-board.ts';
import { type Pace, planPace } from './pace/pace.ts';
import { PacedLane } from './pace/paced-lane.ts';
import { checkSpeed, type ReplaySpeed } from './pace/replay-speed.ts';
import { allDamage, mergeRecordings, type ReplayData } from './replay-data.ts';
import { replayInputs } from './replay-inputs.ts';
import { ReplayLane, type ReplayLaneData } from './replay-lane.ts';

/** How recordings are replayed. */
export interface ReplayOptions {
  /** Whether a run over a damaged recording ends well all the same; what was lost is in the ledger and the stream either way. Default false. */
  readonly tolerateDamage?: boolean;
  /** How fast: 1 as it was, 10, 0.5; gaps between events stay, also where those in between are filtered out. Default `max`: as fast as it is taken. */
  readonly speed?: ReplaySpeed;
  /**
   * Whether to go on with what is still written, as a live source does: to the end of the recording; for a name with `*`, a series of parts, to the end of the run. Default false.
   */
  readonly follow?: boolean;
}

/**
 * A source of the events of one recording, or of several merged by time.
 *
 * Damage does not stop it: every whole block is given, and at the end of the run ERR_SOCKFLOW_RECORDING_DAMAGED names what was lost.
 */
export function replay(paths: string | readonly string[], options: ReplayOptions = {}): Source {
  const list = Array.isArray(paths) ? (paths as readonly string[]) : [paths as string];
  if (list.length === 0) {
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'replay: no recording was named', {
      remedy: 'Name at least one recording',
    });
  }
  for (const path of list) checkPath(path);
  const { tolerateDamage = false, speed = 'max', follow = false } = options;
  const settings = { tolerateDamage, speed: checkSpeed(speed), follow };
  const isStream = follow || list.includes(STDIN);
  if (isStream) checkStream(list, settings);
  return new ReplaySource(list, settings, isStream);
}

/** A module's parameter that nobody gave is `undefined`, whatever its type says. */
function checkPath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `replay: the recording is ${path === '' ? 'empty' : String(path)}, expected a path`,
    {
      details: { option: 'paths' },
      remedy:
        'Name a recording; if it comes from a parameter of a pipeline module, give that: --param NAME=REC.sfrec, or params of a config file',
    },
  );
}

class ReplaySource implements Source {
  readonly name: string;
  readonly reportedOps: undefined = undefined;
  readonly isLive: boolean;
  readonly #paths: readonly string[];
  readonly #settings: Required<ReplayOptions>;

  constructor(paths: readonly string[], settings: Required<ReplayOptions>, isStream: boolean) {
    this.name = `replay(${paths.map((path) => (path === STDIN ? 'standard input' : path)).join(', ')})`;
    this.isLive = isStream;
    this.#paths = paths;
    this.#settings = settings;
  }

  inputs(): readonly string[] {
    return replayInputs(this.#paths.filter((path) => path !== STDIN));
  }

  describePushDown(filter: PlanFilter): string | undefined {
    return describeExclusion(filter);
  }

  async open({ lanes, plans }: SourceContext): Promise<OpenSource> {
    const { speed, tolerateDamage } = this.#settings;
    if (this.isLive) return openStream(this.#paths[0] ?? '', this.#settings);
    const recordings = this.#paths.map((path) => takeOver(path));
    refuseTwice(recordings);
    const data = mergeRecordings(recordings);
    const pace = speed === 'max' ? undefined : planPace(speed, data, plans, lanes);
    return new OpenReplay(recordings, data, pace, lanes, tolerateDamage);
  }

  async openLane(context: SourceLaneContext): Promise<LaneSource> {
    if (this.isLive) return new FollowLane(context);
    const { pace } = context.laneData as ReplayLaneData;
    return pace === undefined ? new ReplayLane(context) : new PacedLane(context, pace);
  }
}

class OpenReplay implements OpenSource {
  readonly totalBytes: number;
  readonly #recordings: readonly Recording[];
  readonly #data: ReplayData;
  readonly #pace: Pace | undefined;
  readonly #files: readonly DiskFile[];
  readonly #tolerateDamage: boolean;

  constructor(
    recordings: readonly Recording[],
    data: ReplayData,
    pace: Pace | undefined,
    lanes: number,
    tolerateDamage: boolean,
  ) {
    this.#recordings = recordings;
    this.#data = data;
    this.#pace = pace;
    this.#tolerateDamage = tolerateDamage;
    this.totalBytes = bytesToRead(this.#data, lanes);
    this.#files = DiskFile.openAll(
      recordings.flatMap(({ parts }) => parts.map(({ path }) => path)),
    );
  }

  laneData(): ReplayLaneData {
    return {
      data: this.#data,
      files: this.#files.map((file) => file.share()),
      pace: this.#pace,
    };
  }

  pace(): PaceReport | undefined {
    if (this.#pace === undefined) return undefined;
    const board = new PaceBoard(this.#pace.board);
    return {
      speed: this.#pace.speed,
      behindMs: board.behindMs,
      eventsNotDue: board.eventsNotDue,
    };
  }

  async close(): Promise<void> {
    for (const file of this.#files) file.close();
    const damage = allDamage(this.#recordings, this.#data);
    if (damage.length > 0 && !this.#tolerateDamage) throw damagedRecording(damage);
  }
}

/** A block that several lanes share is read by each of them. */
function bytesToRead(data: ReplayData, lanes: number): number {
  const blocks = new BlockTable(data.blockTable);
  if (lanes === 1) return blocks.totals().bodyBytes;
  const share = new LaneShare(0, lanes);
  let bytes = 0;
  for (let row = 0; row < blocks.count; row++) {
    for (let lane = 0; lane < lanes; lane++) {
      if (share.mayHold(blocks, row, lane)) bytes += blocks.bodyBytes(row);
    }
  }
  return bytes;
}

function refuseTwice(recordings: readonly Recording[]): void {
  const seen = new Map<string, string>();
  for (const found of recordings.flatMap(({ parts }) => parts)) {
    const { path, recordingId, part, isHeaderless } = found;
    const key = isHeaderless ? path : `${recordingId}/${part}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `replay: '${path}' and '${other}' are the same part of the same recording`,
        { details: { path, other }, remedy: 'Name each recording once' },
      );
    }
    seen.set(key, path);
  }
}

/** The one error of a damaged recording, with all that was lost. */
function damagedRecording(damage: readonly Damage[]): SourceError {
  const shown = damage.slice(0, 5).map(describeDamage);
  const more = damage.length > shown.length ? `; and ${damage.length - shown.length} more` : '';
  return new SourceError('ERR_SOCKFLOW_RECORDING_DAMAGED', `${shown.join('; ')}${more}`, {
    details: { damage },
    remedy:
      'All whole blocks were given; with tolerateDamage (--tolerate-damage) such a run ends well',
  });
}
