import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Kind, readMarker } from '@sockflow/core';
import { openRecording, scanRecording } from '@sockflow/source-replay';

const RTT_COUNT_WORD = 152 / 4;

/** One thing that came along in a lane, in order. */
export type StreamItem =
  | {
      readonly what: 'event';
      readonly tsNs: bigint;
      readonly op: number;
      readonly kind: number;
      /** Samples that an RTT summary tells of; of anything else 0. */
      readonly rttCount: number;
    }
  | {
      readonly what: 'loss';
      readonly tsNs: bigint;
      readonly gapStartNs: bigint;
      readonly ringFull: number;
      readonly shedFirst: number;
      readonly shedLast: number;
    }
  | { readonly what: 'clock'; readonly tsNs: bigint };

/** A sink for a pipeline in `dir`: sleeps at each batch, and writes down at its end what came along. */
export const STREAM_LOG_HEAD = `import { streamLog } from './stream-log.mjs';`;
const STREAM_LOG = `import { writeFileSync } from 'node:fs';

import { Kind } from 'sockflow';

const RTT_SUMMARY = Kind.RTT_SUMMARY;

export const streamLog = ({ batchMs }) => ({
  name: 'stream-log',
  accepts: 'batches',
  open({ lane }) {
    const lines = [];
    let events = 0;
    return {
      get acknowledged() { return events; },
      failed: 0,
      async write(batch) {
        const { markers, size } = batch;
        let next = 0;
        const tellMarkers = (index) => {
          for (; next < markers.length && markers[next].beforeIndex <= index; next++) {
            const { kind, tsNs, gapStartNs, lostRingFull, lostShedFirst, lostShedLast } = markers[next];
            if (kind === 'CLOCK_ANCHOR') lines.push(['c', String(tsNs)]);
            else lines.push(['l', String(tsNs), String(gapStartNs), lostRingFull, lostShedFirst, lostShedLast]);
          }
        };
        batch.forEach((event, index) => {
          tellMarkers(index);
          lines.push(['e', String(event.tsNs), event.op, event.kind, event.kind === RTT_SUMMARY ? event.rttCount : 0]);
        });
        tellMarkers(Infinity);
        events += size;
        if (batchMs > 0) await new Promise((resolve) => setTimeout(resolve, batchMs));
      },
      flush() {},
      close() {
        writeFileSync('stream.' + lane + '.json', JSON.stringify(lines));
        return {};
      },
    };
  },
});
`;

/** Puts the sink's module into a folder. */
export function writeStreamLog(dir: string): void {
  writeFileSync(join(dir, 'stream-log.mjs'), STREAM_LOG);
}

/** What came along in a lane, as the sink saw it. */
export function readStreamLog(dir: string, lane: number): StreamItem[] {
  const lines = JSON.parse(readFileSync(join(dir, `stream.${lane}.json`), 'utf8')) as (
    | readonly ['e', string, number, number, number]
    | readonly ['l', string, string, number, number, number]
    | readonly ['c', string]
  )[];
  return lines.map((line): StreamItem => {
    const tsNs = BigInt(line[1]);
    if (line[0] === 'c') return { what: 'clock', tsNs };
    if (line[0] === 'e')
      return { what: 'event', tsNs, op: line[2], kind: line[3], rttCount: line[4] };
    const [, , gapStart, ringFull, shedFirst, shedLast] = line;
    return { what: 'loss', tsNs, gapStartNs: BigInt(gapStart), ringFull, shedFirst, shedLast };
  });
}

/** What a lane recorded, in the order of the file. */
export function readRecordedLane(path: string, lane: number, lanes: number): StreamItem[] {
  const part = lanes === 1 ? path : path.replace(/\.sfrec$/, `.${lane}.sfrec`);
  if (!existsSync(part)) throw new Error(`no ${part}`);
  const items: StreamItem[] = [];
  const damage = scanRecording(openRecording(part), (memory, word) => {
    const kind = (memory.u32[word + 2] ?? 0) & 0xff;
    const tsNs = memory.big[(word >>> 1) + 2] ?? 0n;
    if (kind !== Kind.LOSS_MARKER && kind !== Kind.CLOCK_ANCHOR) {
      const op = ((memory.u32[word + 2] ?? 0) >>> 8) & 0xff;
      const rttCount = kind === Kind.RTT_SUMMARY ? (memory.u32[word + RTT_COUNT_WORD] ?? 0) : 0;
      items.push({ what: 'event', tsNs, op, kind, rttCount });
      return;
    }
    const marker = readMarker(memory, word, 0);
    if (marker.kind === 'CLOCK_ANCHOR') {
      items.push({ what: 'clock', tsNs });
      return;
    }
    items.push({
      what: 'loss',
      tsNs,
      gapStartNs: marker.gapStartNs,
      ringFull: marker.lostRingFull,
      shedFirst: marker.lostShedFirst,
      shedLast: marker.lostShedLast,
    });
  });
  if (damage.length > 0) throw new Error(`${part} is damaged: ${JSON.stringify(damage[0])}`);
  return items;
}
