import type { Origin } from '@sockflow/core';

import { originText } from '../format/origin-text.ts';
import type { Damage } from './damage.ts';
import { findParts } from './find-parts.ts';
import type { RecordingPart } from './open-part.ts';

/** A recording as it lies on disk: what it holds, known without reading its blocks. */
export interface Recording {
  /** The name it was opened by. */
  readonly path: string;
  /** 32 hexadecimal digits; empty where no part has a whole file header. */
  readonly id: string;
  readonly creator: string | undefined;
  readonly parts: readonly RecordingPart[];
  /** Each origin once. */
  readonly origins: readonly Origin[];
  /** Events in blocks that can be read. */
  readonly events: number;
  readonly markers: number;
  readonly blocks: number;
  readonly sizeBytes: number;
  /** What cannot be read, as far as it shows without reading the blocks. */
  readonly damage: readonly Damage[];
  /** What is unusual and loses nothing. */
  readonly notes: readonly string[];
}

/**
 * Opens a recording by the name it was written under: the file, its unfinished part, or the parts that several lanes wrote.
 *
 * @throws ERR_SOCKFLOW_RECORDING_MISSING, _EMPTY, _VERSION, _SCHEMA, _PARTS, _READ, _DAMAGED (nothing readable), ERR_SOCKFLOW_NOT_A_RECORDING
 */
export function openRecording(path: string): Recording {
  const { parts, damage, notes } = findParts(path);
  const [first] = parts;
  const origins = new Map<string, Origin>();
  let events = 0;
  let markers = 0;
  let blocks = 0;
  let sizeBytes = 0;
  for (const part of parts) {
    for (const origin of part.origins.values()) origins.set(originText(origin), origin);
    const totals = part.blocks.totals();
    events += totals.events;
    markers += totals.markers;
    blocks += part.blocks.count;
    sizeBytes += part.sizeBytes;
  }
  return {
    path,
    id: first?.recordingId ?? '',
    creator: parts.find((part) => part.creator !== undefined)?.creator,
    parts,
    origins: [...origins.values()],
    events,
    markers,
    blocks,
    sizeBytes,
    damage: [...parts.flatMap((part) => part.damage), ...damage],
    notes: [...notes, ...parts.flatMap((part) => part.notes)],
  };
}
