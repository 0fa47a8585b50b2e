import { statSync } from 'node:fs';
import { join } from 'node:path';

import { type CaseResult, compareSides, figure, timed, timedAsync } from '@sockflow/benchmark';
import type { BlockCompression } from '@sockflow/source-replay';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { type HeldSlots, heldSlots, writeSlots } from './held-slots.ts';
import { hasTool, runTool } from './own-tool.ts';
import { timesOf } from './times-of.ts';

const MOST_ROUNDS = 5;
const FILES_AT_ONCE = 5;

/** A command line tool with one thread, and as strong as ours. */
interface Tool {
  readonly compression: BlockCompression;
  readonly name: string;
  readonly compress: readonly string[];
}

const TOOLS: readonly Tool[] = [
  { compression: 'lz4', name: 'lz4', compress: ['-1', '-c', '-q'] },
  { compression: 'zstd', name: 'zstd', compress: ['-3', '--single-thread', '-c', '-q'] },
];

/**
 *   slots in memory ─► blocks, compressed ─► file      a plain recording ─► lz4 or zstd ─► file
 *   compressed recording ─► slots, all counted         compressed file ─► lz4 -d or zstd -d ─► /dev/null
 *
 * The tools compress the file as a whole; ours each block by itself, counts it and indexes it.
 */
export const compressCase: BenchCase = {
  suite: 'sinks',
  name: 'compress',
  says: 'recordings with compressed blocks, written and read, against lz4 and zstd of the system',
  async run(bench) {
    const held = await heldSlots(bench);
    for (const tool of TOOLS) {
      if (hasTool(tool.name)) {
        await withOutputFolder(held.bytes * FILES_AT_ONCE, (folder) =>
          compare(tool, held, folder, bench),
        );
        continue;
      }
      for (const what of ['compress', 'size', 'decompress'])
        bench.leftOut(rowOf(what, tool), `needs the command '${tool.name}'`);
    }
  },
};

function rowOf(what: string, { compression, name }: Tool): string {
  return `sinks/generated/${what}-${compression}/${name}`;
}

interface Files {
  readonly plain: string;
  /** Compressed by us, and by the tool. */
  readonly ours: string;
  readonly theirs: string;
  /** Where the tool's is decompressed to. */
  readonly back: string;
}

async function compare(
  tool: Tool,
  held: HeldSlots,
  folder: string,
  bench: BenchRun,
): Promise<void> {
  const files: Files = {
    plain: join(folder, 'plain.sfrec'),
    ours: join(folder, 'ours.sfrec'),
    theirs: join(folder, 'theirs'),
    back: join(folder, 'back.sfrec'),
  };
  writeSlots(held, files.plain, 1);
  const rounds = Math.min(bench.rounds, MOST_ROUNDS);
  for (const result of await compressing(tool, held, files, rounds)) bench.result(result);
  bench.result(sizes(tool, files));
  for (const result of await decompressing(tool, held, files, rounds)) bench.result(result);
}

async function compressing(
  { compression: how, name, compress }: Tool,
  held: HeldSlots,
  { plain, ours, theirs, back }: Files,
  rounds: number,
): Promise<readonly CaseResult[]> {
  const { results } = await compareSides({
    id: `sinks/generated/compress-${how}`,
    reads: 'slots copied and counted; compression, CRC, index',
    units: held.events,
    unit: 'events/s',
    rounds,
    ours: async () => {
      const pass = timed(() => String(writeSlots(held, ours, 1, { compression: how })));
      return { ns: pass.ns, answer: await contentOf(ours) };
    },
    baselines: [
      {
        name,
        title: `${name} ${compress[0]}, its start included`,
        kind: 'peer',
        run: async () => {
          const ns = runTool(name, [...compress, plain], 1, theirs);
          runTool(name, ['-d', '-c', '-q', theirs], statSync(plain).size, back);
          return { ns, answer: await contentOf(back) };
        },
      },
    ],
  });
  return results;
}

function sizes(tool: Tool, { plain, ours, theirs }: Files): CaseResult {
  const percent = (path: string): number => (statSync(path).size / statSync(plain).size) * 100;
  return figure({
    id: rowOf('size', tool),
    reads: 'sizes of files',
    values: [percent(ours)],
    unit: '% of plain',
    isLessBetter: true,
    beside: { title: tool.name, kind: 'peer', value: percent(theirs) },
  });
}

async function decompressing(
  { compression: how, name }: Tool,
  held: HeldSlots,
  { plain, ours, theirs }: Files,
  rounds: number,
): Promise<readonly CaseResult[]> {
  const answer = await contentOf(plain);
  const decompress = ['-d', '-c', '-q', theirs];
  const plainBytes = statSync(plain).size;
  const { results } = await compareSides({
    id: `sinks/generated/decompress-${how}`,
    reads: 'blocks, CRC, compression; tsUs of every event',
    units: held.events,
    unit: 'events/s',
    rounds,
    ours: () => timedAsync(() => contentOf(ours)),
    baselines: [
      {
        name,
        title: `${name} -d, its start included`,
        kind: 'peer',
        // That it gives all bytes is checked here; that they are the events was, when they were compressed.
        run: () => ({ ns: runTool(name, decompress, plainBytes), answer }),
      },
    ],
  });
  return results;
}

async function contentOf(path: string): Promise<string> {
  const { count, checksum } = await timesOf(path);
  return `${count} ${checksum}`;
}
