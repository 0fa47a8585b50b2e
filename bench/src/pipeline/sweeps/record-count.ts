import { statSync } from 'node:fs';
import { join } from 'node:path';

import { type Pass } from '@sockflow/benchmark';
import {
  type Batch,
  filterFlags,
  filterOp,
  fromSource,
  inlineAccessors,
  type SlotSpan,
} from '@sockflow/core';
import { fromReplay, RecordingWriter } from '@sockflow/source-replay';
import type { Observable } from 'rxjs';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { ANY_CB, OP_MASK, OPS } from '../../harness/bench-filter.ts';
import { cPass } from '../../harness/c-pass.ts';
import { withC } from '../../harness/c-program.ts';
import { dropFromPageCache } from '../../harness/drop-from-page-cache.ts';
import { memorySource } from '../../harness/memory-source.ts';
import { withOutputFolder } from '../../harness/output-folder.ts';
import type { PeerProgram } from '../../harness/peer-program.ts';
import { type Curve, fewPoints, sweep } from '../../harness/sweep.ts';
import { cacheSizes } from './cache-sizes.ts';
import { bytesOfSlots, type HeldInput, holdInput, spansOf } from './held-input.ts';
import { countPass, timesPass } from './survivors.ts';
import { SweepPeer } from './sweep-peer.ts';

const ID = 'pipeline/generated/record-count';
const KI = 2 ** 10;
const COUNTS = [1, 4, 16, 64, 256, 1024, 4096, 16_384].map((thousands) => thousands * KI);
/** Files of fewer would tell what opening one costs. */
const LEAST_IN_FILE = 64 * KI;
/** A pass reads its slots as often as makes so many events. */
const LEAST_IN_PASS = 512 * KI;
/** What is generated, how many times it lies in memory, and how many times that is the largest file. */
const MOST_BYTES = 2 ** 28;
const HELD_TIMES = 5;
const FILE_TIMES = 4;
const MOST_ROUNDS = 3;
const LONG_EVENTS = 4096 * KI;

const OF_MEMORY = 'slots in memory';
const CACHED = 'recording in the page cache';
const DROPPED = 'recording dropped from the page cache';

/** What the caches, memory and a disk each let through. */
export const recordCount: BenchCase = {
  suite: 'pipeline',
  name: 'record-count',
  says: 'throughput against the number of events: caches, memory, recordings in the page cache and on a disk',
  run: runRecordCount,
};

/** A recording of a point. */
interface CountPoint {
  readonly events: number;
  /** Of those that fit. */
  readonly heldBytes: number | undefined;
  readonly path: string | undefined;
}

async function runRecordCount(bench: BenchRun): Promise<void> {
  inlineAccessors();
  const input = await holdInput(bench, Math.min(bench.inputBytes, MOST_BYTES), HELD_TIMES);
  // On the disk: of files in memory, none can be dropped.
  await withOutputFolder(Infinity, (folder) =>
    SweepPeer.with(bench, ID, input, async (peer) => {
      const side = { program: 'files', libraries: ['z'], rows: [`${ID}/c-files`] };
      await withC(bench, side, (files) => measure(bench, input, folder, peer, files));
    }),
  );
}

async function measure(
  bench: BenchRun,
  input: HeldInput,
  folder: string,
  peer: SweepPeer | undefined,
  files: PeerProgram | undefined,
): Promise<void> {
  const points = pointsOf(bench, input, folder);
  const isDroppable = canDrop(points);
  if (!isDroppable)
    bench.leftOut(`${ID}/dropped`, 'the page cache keeps the file, or there is no fincore');
  const swept = await sweep<CountPoint>({
    id: ID,
    title: 'Throughput against record count',
    x: { label: `events, a slot of 256 bytes each; ${cacheSizes()}`, scale: 'log' },
    y: { label: 'events per second: filter by op and flags, count', scale: 'log' },
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    points: points.map((at) => ({ x: at.events, at })),
    curves: curves(input, peer, files, isDroppable),
    isLong: ({ events }) => events >= LONG_EVENTS,
    yOf: (ns, { events }) => (events * passesOf(events)) / (ns / 1e9),
  });
  bench.plot(swept.plot);
}

function pointsOf(bench: BenchRun, input: HeldInput, folder: string): CountPoint[] {
  const most = Math.min(input.events * FILE_TIMES, COUNTS.at(-1) as number);
  const counts = fewPoints(
    COUNTS.filter((events) => events <= most),
    bench.isSmoke,
  );
  return counts.map((events) => {
    const isHeld = events <= input.events;
    return {
      events,
      heldBytes: isHeld ? bytesOfSlots(input, events) : undefined,
      path: events < LEAST_IN_FILE ? undefined : writeRecording(input, events, folder),
    };
  });
}

/** So many of the held slots, again from the first where there are too few. */
function writeRecording(input: HeldInput, events: number, folder: string): string {
  const path = join(folder, `${events}.sfrec`);
  const writer = RecordingWriter.create(path);
  for (let left = events; left > 0; left -= input.events) {
    const spans = spansOf(input, bytesOfSlots(input, left));
    for (const { memory, startWord, endWord, origin } of spans)
      writer.appendSlots(memory, startWord, endWord, origin);
  }
  const written = writer.close();
  if (written.events !== events) throw new Error(`${ID}: ${written.events} written of ${events}`);
  return path;
}

function canDrop(points: readonly CountPoint[]): boolean {
  const path = points.findLast((point) => point.path !== undefined)?.path;
  return path !== undefined && dropFromPageCache(path, statSync(path).size);
}

function passesOf(events: number): number {
  return Math.max(1, Math.ceil(LEAST_IN_PASS / events));
}

function filtered(batches: Observable<Batch>): Observable<Batch> {
  return batches.pipe(filterOp(...OPS), filterFlags({ cb: { any: ANY_CB } }));
}

function repeated(spans: readonly SlotSpan[], times: number): readonly SlotSpan[] {
  return Array.from({ length: times }, () => spans).flat();
}

function curves(
  input: HeldInput,
  peer: SweepPeer | undefined,
  files: PeerProgram | undefined,
  isDroppable: boolean,
): Curve<CountPoint>[] {
  const ofFile = (
    name: string,
    pass: (path: string) => Promise<Pass>,
    prepare: (path: string) => void = () => {},
  ): Curve<CountPoint> => ({
    name,
    computes: 'file',
    pass: ({ path, events }) =>
      path === undefined
        ? undefined
        : async () => {
            prepare(path);
            return repeatedPass(() => pass(path), passesOf(events));
          },
  });
  const drop = (path: string): void => {
    if (!dropFromPageCache(path, statSync(path).size)) throw new Error(`${ID}: not dropped`);
  };
  const ours = (path: string): Promise<Pass> =>
    timesPass(() => filtered(fromReplay(path, { views: 'reused' })));
  const theirs = (path: string): Promise<Pass> =>
    cPass(files as PeerProgram, `lanes 1 ${OP_MASK} ${ANY_CB} ${path}`);
  return [
    { name: OF_MEMORY, computes: 'memory', pass: (at) => memoryPass(input, at) },
    ...(['plain', 'four'] as const).map((way): Curve<CountPoint> => ({
      name: `${way === 'plain' ? 'C' : 'C, four at a time'}: ${OF_MEMORY}`,
      computes: 'memory',
      pass: ({ heldBytes, events }) =>
        peer && heldBytes !== undefined
          ? () => peer.pass(`scan ${OP_MASK} ${ANY_CB} ${heldBytes} ${passesOf(events)}`, way)
          : undefined,
    })),
    ofFile(CACHED, ours),
    ...(files === undefined ? [] : [ofFile(`C: ${CACHED}`, theirs)]),
    ...(isDroppable ? [ofFile(DROPPED, ours, drop)] : []),
    ...(isDroppable && files !== undefined ? [ofFile(`C: ${DROPPED}`, theirs, drop)] : []),
  ];
}

function memoryPass(
  input: HeldInput,
  { heldBytes, events }: CountPoint,
): (() => Promise<Pass>) | undefined {
  if (heldBytes === undefined) return undefined;
  const spans = repeated(spansOf(input, heldBytes), passesOf(events));
  return () => countPass(() => filtered(fromSource(memorySource(spans), { views: 'reused' })));
}

async function repeatedPass(pass: () => Promise<Pass>, times: number): Promise<Pass> {
  let ns = 0;
  let answer = '';
  for (let at = 0; at < times; at++) {
    const one = await pass();
    ns += one.ns;
    ({ answer } = one);
  }
  return { ns, answer };
}
