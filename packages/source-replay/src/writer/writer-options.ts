import { ConfigError, LANE_BUCKETS, type Origin } from '@sockflow/core';

import {
  type CheckedCompression,
  checkCompression,
  type CompressionOptions,
} from '../compression/compression-options.ts';
import { ALIGN_BYTES, MAX_PAYLOAD_BYTES, MIN_PAYLOAD_BYTES } from '../format/layout.ts';

/** How a part of a recording is written. */
export interface RecordingWriterOptions extends CompressionOptions {
  /** Written at once, so that an empty recording names it too. */
  readonly origin?: Origin;
  /** Further ones that are written at once. */
  readonly origins?: readonly Origin[];
  /** This writer's lane; 0 where not given. */
  readonly lane?: number;
  /** Lanes that write a part each; 1 where not given. */
  readonly lanes?: number;
  /** Payload of a full block: 64 KiB to 16 MiB, 512 KiB where not given. */
  readonly blockBytes?: number;
  /** Groups that connections are dealt to (1, 2, 4 ... 64), so that several lanes share the reading; 1 where not given. */
  readonly laneGroups?: number;
  /** With groups: event time after which all of them are written, 5000 ms where not given; looked at after each append. */
  readonly windowMs?: number;
  /** 32 hexadecimal digits; with several lanes `prepareRecording` was given it. */
  readonly recordingId?: string;
  readonly creator?: string;
}

/** The options with their defaults. */
export interface CheckedWriterOptions {
  readonly lane: number;
  readonly lanes: number;
  readonly blockBytes: number;
  readonly laneGroups: number;
  readonly windowMs: number;
  readonly compressed: CheckedCompression;
}

const DEFAULT_BLOCK_BYTES = 512 << 10;
const DEFAULT_WINDOW_MS = 5000;

/** @throws ERR_SOCKFLOW_INVALID_OPTION */
export function checkWriterOptions(options: RecordingWriterOptions): CheckedWriterOptions {
  const {
    lane = 0,
    lanes = 1,
    blockBytes = DEFAULT_BLOCK_BYTES,
    laneGroups = 1,
    windowMs = DEFAULT_WINDOW_MS,
  } = options;
  refuse(!Number.isInteger(lanes) || lanes < 1 || lanes > LANE_BUCKETS, 'lanes', lanes, '1 to 64');
  refuse(!Number.isInteger(lane) || lane < 0 || lane >= lanes, 'lane', lane, `0 to ${lanes - 1}`);
  refuse(
    blockBytes % ALIGN_BYTES !== 0 ||
      blockBytes < MIN_PAYLOAD_BYTES ||
      blockBytes > MAX_PAYLOAD_BYTES,
    'blockBytes',
    blockBytes,
    `a multiple of ${ALIGN_BYTES} from ${MIN_PAYLOAD_BYTES} to ${MAX_PAYLOAD_BYTES}`,
  );
  const isPowerOfTwo = Number.isInteger(laneGroups) && (laneGroups & (laneGroups - 1)) === 0;
  refuse(
    !isPowerOfTwo || laneGroups < 1 || laneGroups > LANE_BUCKETS,
    'laneGroups',
    laneGroups,
    '1, 2, 4, 8, 16, 32 or 64',
  );
  refuse(!(windowMs > 0), 'windowMs', windowMs, 'more than 0');
  const { recordingId } = options;
  refuse(
    recordingId !== undefined && !/^[0-9a-f]{32}$/.test(recordingId),
    'recordingId',
    recordingId,
    '32 hexadecimal digits',
  );
  return { lane, lanes, blockBytes, laneGroups, windowMs, compressed: checkCompression(options) };
}

function refuse(isWrong: boolean, option: string, value: unknown, expected: string): void {
  if (!isWrong) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `recording writer: '${option}' is ${String(value)}, expected ${expected}`,
    { details: { option, value }, remedy: `Give '${option}' as ${expected}` },
  );
}
