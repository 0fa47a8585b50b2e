import { type Damage, describeDamage, isLossOpen, type Recording } from '@sockflow/source-replay';
import { COMPRESSION_NAMES } from '@sockflow/source-replay/compression';

/** What a recording says of itself without reading its events. */
export interface RecordingFacts {
  readonly name: string;
  readonly id: string;
  readonly creator: string | undefined;
  readonly bytes: number;
  /** Events in blocks that can be read. */
  readonly events: number;
  readonly parts: readonly string[];
  readonly blocks: number;
  /** How its blocks are compressed: each way once, none left out. */
  readonly compression: readonly string[];
  /** Bytes of its slots: what its blocks have without compression. */
  readonly slotBytes: number;
  /** Lanes that can share the reading without reading the same block. */
  readonly laneGroups: number;
  readonly damage: readonly string[];
  /** Whether more events may be lost than damage and loss markers say: nothing tells what came after a cut. */
  readonly isLossLowerBound: boolean;
  readonly notes: readonly string[];
}

/**
 * The facts of an opened recording.
 *
 * @param damage - all of it, where reading found some; else what shows without reading.
 */
export function recordingFacts(
  recording: Recording,
  damage: readonly Damage[] = recording.damage,
): RecordingFacts {
  return {
    name: recording.path,
    id: recording.id,
    creator: recording.creator,
    bytes: recording.sizeBytes,
    events: recording.events,
    parts: recording.parts.map(({ path }) => path),
    blocks: recording.blocks,
    ...storageOf(recording),
    laneGroups: Math.max(1, ...recording.parts.map(({ laneGroups }) => laneGroups)),
    damage: damage.map(describeDamage),
    isLossLowerBound: damage.some(isLossOpen),
    notes: recording.notes,
  };
}

function storageOf({ parts }: Recording): Pick<RecordingFacts, 'compression' | 'slotBytes'> {
  const numbers = new Set<number>();
  let slotBytes = 0;
  for (const { blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      numbers.add(blocks.compression(row));
      slotBytes += blocks.payloadBytes(row);
    }
  }
  const compression = COMPRESSION_NAMES.filter(
    (name, number) => name !== 'none' && numbers.has(number),
  );
  return { compression, slotBytes };
}
