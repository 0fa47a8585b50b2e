import { type Origin, type SlotMemory, walkSlots } from '@sockflow/core';

import { BlockReader, largestPayloadBytes } from './reader/block-reader.ts';
import { BlockTable } from './reader/block-table.ts';
import { badBlock, type Damage } from './reader/damage.ts';
import type { Recording } from './reader/open-recording.ts';
import { DiskFile } from './reader/random-access-file.ts';
import { mergeRecordings } from './replay/replay-data.ts';

/** Called for each slot, markers included: where it lies, its bytes, whose it is. VALID UNTIL it returns. */
export type RecordingVisitor = (
  memory: SlotMemory,
  word: number,
  bytes: number,
  origin: Origin,
) => void;

/**
 * Visits every slot of a recording in the order of replay: for inspection, validation and tests. Pipelines use {@link replay}.
 *
 * @returns what could not be read, blocks that do not match their checksums included
 */
export function scanRecording(recording: Recording, visit: RecordingVisitor): Damage[] {
  const data = mergeRecordings([recording]);
  const blocks = new BlockTable(data.blockTable);
  const reader = new BlockReader(largestPayloadBytes(blocks));
  const files = DiskFile.openAll(recording.parts.map(({ path }) => path));
  const damage = [...recording.damage];
  try {
    for (let row = 0; row < blocks.count; row++) {
      const file = files[data.partOfBlock[row] ?? 0] as DiskFile;
      const origin = data.origins[data.originOfBlock[row] ?? 0] as Origin;
      if (!reader.read(file, blocks, row)) {
        damage.push(badBlock(file.path, blocks, row, reader.fault));
        continue;
      }
      const badSlots = visitBlock(reader.memory, blocks.payloadBytes(row), origin, visit);
      // Only a block that was written wrongly has a right checksum and wrong slots.
      if (badSlots > 0) damage.push({ ...badBlock(file.path, blocks, row), events: badSlots });
    }
  } finally {
    for (const file of files) file.close();
  }
  return damage;
}

function visitBlock(
  memory: SlotMemory,
  payloadBytes: number,
  origin: Origin,
  visit: RecordingVisitor,
): number {
  const span = {
    memory,
    startWord: 0,
    endWord: payloadBytes / 4,
    origin,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: true,
    endTimeUs: 0,
  };
  return walkSlots(span, (word, bytes) => visit(memory, word, bytes, origin)).badSlots;
}
