import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { figure, type Pass, timed, timedAsync } from '@sockflow/benchmark';
import type { BlockCompression } from '@sockflow/source-replay';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { type Curve, fewPoints, sweep, type SweepPoint } from '../harness/sweep.ts';
import { holdInput, spansOf } from '../pipeline/sweeps/held-input.ts';
import { type HeldSlots, writeSlots } from './held-slots.ts';
import { timesOf } from './times-of.ts';

const ID = 'sinks/generated/compression';
const MOST_BYTES = 2 ** 26;
const MOST_ROUNDS = 5;

/** How blocks are compressed. */
interface Setting {
  readonly name: string;
  readonly compression: BlockCompression;
  readonly level?: number;
}

const SETTINGS: readonly Setting[] = [
  { name: 'none', compression: 'none' },
  { name: 'lz4', compression: 'lz4' },
  ...[1, 3, 6, 9].map((level): Setting => {
    return { name: `zstd ${level}`, compression: 'zstd', level };
  }),
];

/** What a smaller recording costs where it is written, and where it is read. */
export const compressionPlot: BenchCase = {
  suite: 'sinks',
  name: 'compression',
  says: 'size and speed of recordings by compression: none, lz4, levels of zstd',
  run: runCompression,
};

async function runCompression(bench: BenchRun): Promise<void> {
  const input = await holdInput(bench, Math.min(bench.inputBytes, MOST_BYTES));
  const held: HeldSlots = { ...input, spans: spansOf(input) };
  const settings = fewPoints(SETTINGS, bench.isSmoke);
  await withOutputFolder(held.bytes * settings.length, (folder) =>
    measure(bench, held, settings, folder),
  );
}

async function measure(
  bench: BenchRun,
  held: HeldSlots,
  settings: readonly Setting[],
  folder: string,
): Promise<void> {
  const pathOf = ({ name }: Setting): string => join(folder, `${name.replace(' ', '-')}.sfrec`);
  const points = settings.map((setting): SweepPoint<Setting> => {
    const path = pathOf(setting);
    write(held, setting, path);
    return { x: `${setting.name}: ${sizeRatio(path, held).toFixed(1)} %`, at: setting };
  });
  for (const setting of settings) {
    bench.result(
      figure({
        id: `${ID}-${setting.name.replace(' ', '-')}`,
        reads: 'sizes of files',
        values: [sizeRatio(pathOf(setting), held)],
        unit: '% of slots',
        isLessBetter: true,
      }),
    );
  }
  const curves: Curve<Setting>[] = [
    { name: 'write', pass: (setting) => () => writePass(held, setting, pathOf(setting)) },
    { name: 'read', pass: (setting) => () => readPass(pathOf(setting)) },
  ];
  const swept = await sweep<Setting>({
    id: ID,
    title: 'Recording size and speed by compression',
    x: { label: 'compression: size of the file, of its slots', scale: 'category' },
    y: { label: 'MB of slots per second, one thread, files in memory', scale: 'log' },
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    points,
    curves,
    yOf: (ns) => held.bytes / 1e6 / (ns / 1e9),
  });
  bench.plot(swept.plot);
}

function write(held: HeldSlots, { compression, level }: Setting, path: string): number {
  rmSync(path, { force: true });
  return writeSlots(held, path, 1, { compression, ...(level === undefined ? {} : { level }) });
}

/** What lies in the file is read again outside the time. */
async function writePass(held: HeldSlots, setting: Setting, path: string): Promise<Pass> {
  const { ns } = timed(() => String(write(held, setting, path)));
  return { ns, answer: await contentOf(path) };
}

function readPass(path: string): Promise<Pass> {
  return timedAsync(() => contentOf(path));
}

async function contentOf(path: string): Promise<string> {
  const { count, checksum } = await timesOf(path);
  return `${count} ${checksum}`;
}

/** Percent. */
function sizeRatio(path: string, held: HeldSlots): number {
  return (statSync(path).size / held.bytes) * 100;
}
