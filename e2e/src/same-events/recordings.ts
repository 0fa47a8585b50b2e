import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { lastValueFrom, tap } from 'rxjs';
import {
  fromReplay,
  RecordingWriter,
  SlotMemory,
  writeClockAnchor,
  writeLossMarker,
} from 'sockflow';

import { REAL_RECORDING, sockflowOk } from '../cli/sockflow-command.ts';

/** Recordings of the same kind of events that differ in all that a reader may find. */
export interface Recordings {
  /** Name → paths: one recording each, but `two recordings`. */
  readonly [name: string]: readonly string[];
}

const CONNECTIONS = '300';

/** Makes them in `dir`: of several blocks each, so that there is something to leave out. */
export async function makeRecordings(dir: string): Promise<Recordings> {
  const plain = join(dir, 'plain.sfrec');
  const grouped = join(dir, 'grouped.sfrec');
  const parts = join(dir, 'parts.sfrec');
  const marked = join(dir, 'marked.sfrec');
  sockflowOk(['gen', plain, '--connections', CONNECTIONS, '--seed', '11']);
  sockflowOk(['gen', grouped, '--connections', CONNECTIONS, '--seed', '12', '--lane-groups', '4']);
  sockflowOk(['replay', plain, '--lanes', '3', '--sink', `file:${parts}`]);
  if (readdirSync(dir).filter((name) => /^parts\.\d\.sfrec$/.test(name)).length !== 3) {
    throw new Error('three lanes should have written three parts');
  }
  await writeWithMarkers(parts, marked);
  return {
    plain: [plain],
    grouped: [grouped],
    parts: [parts],
    marked: [marked],
    real: [REAL_RECORDING],
    'two recordings': [grouped, REAL_RECORDING],
  };
}

/** Copies a recording in small blocks, with a loss marker and a clock anchor after each batch. */
async function writeWithMarkers(from: string, to: string): Promise<void> {
  const writer = RecordingWriter.create(to, { blockBytes: 64 << 10 });
  const marker = SlotMemory.allocate(4096);
  const copied = fromReplay(from).pipe(
    tap((batch) => {
      writer.appendSelection(batch);
      const tsNs = BigInt(Math.round(batch.endTimeUs)) * 1000n;
      for (const write of [loss, anchor]) {
        writer.appendSlots(marker, 0, write(marker, tsNs) / 4, batch.origin);
      }
    }),
  );
  await lastValueFrom(copied);
  writer.close();
}

function loss(memory: SlotMemory, tsNs: bigint): number {
  return writeLossMarker(memory, 0, {
    tsNs,
    gapStartNs: tsNs,
    lostRingFull: 7,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  });
}

function anchor(memory: SlotMemory, tsNs: bigint): number {
  return writeClockAnchor(memory, 0, {
    tsNs,
    realtimeNs: 1_800_000_000_000_000_000n,
    monotonicNs: tsNs,
    uncertaintyNs: 100n,
  });
}
