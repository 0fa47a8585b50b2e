import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { BlockCompression } from '@sockflow/source-replay';

import { timesOf } from '../files/times-of.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { paired, timed, timedAsync } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { type HeldSlots, writeSlots } from './held-slots.ts';
import { hasTool, runTool } from './own-tool.ts';

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
export async function compression(
  held: HeldSlots,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  for (const tool of TOOLS) {
    if (!hasTool(tool.name)) {
      options.note(`no ${tool.name}: its comparison is left out`);
      continue;
    }
    await withOutputFolder(held.bytes * FILES_AT_ONCE, (folder) =>
      compare(tool, held, folder, options, report),
    );
  }
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
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const files: Files = {
    plain: join(folder, 'plain.sfrec'),
    ours: join(folder, 'ours.sfrec'),
    theirs: join(folder, 'theirs'),
    back: join(folder, 'back.sfrec'),
  };
  writeSlots(held, files.plain, 1);
  const rounds = Math.min(options.rounds, MOST_ROUNDS);
  report(await compressing(tool, held, files, rounds));
  report(sizes(tool, files));
  report(await decompressing(tool, held, files, rounds));
}

function compressing(
  { compression: how, name, compress }: Tool,
  held: HeldSlots,
  { plain, ours, theirs, back }: Files,
  rounds: number,
): Promise<CaseResult> {
  return paired({
    id: `recordings/compress/${how}`,
    units: held.events,
    unit: 'events/s',
    baseline: `${name} ${compress[0]}`,
    budget: undefined,
    rounds,
    ours: async () => {
      const pass = timed(() => String(writeSlots(held, ours, 1, { compression: how })));
      return { ns: pass.ns, answer: await contentOf(ours) };
    },
    theirs: async () => {
      const ns = runTool(name, [...compress, plain], theirs);
      runTool(name, ['-d', '-c', '-q', theirs], back);
      return { ns, answer: await contentOf(back) };
    },
  });
}

function sizes({ compression: how, name }: Tool, { plain, ours, theirs }: Files): CaseResult {
  const percent = (path: string): number => (statSync(path).size / statSync(plain).size) * 100;
  const value = percent(ours);
  return {
    id: `recordings/size/${how}`,
    value,
    unit: '% of plain',
    baseline: `${name}: ${percent(theirs).toFixed(1)} %`,
    ratio: undefined,
    spread: [value, value],
    budget: undefined,
    pass: undefined,
  };
}

async function decompressing(
  { compression: how, name }: Tool,
  held: HeldSlots,
  { plain, ours, theirs }: Files,
  rounds: number,
): Promise<CaseResult> {
  const answer = await contentOf(plain);
  return paired({
    id: `recordings/decompress/${how}`,
    units: held.events,
    unit: 'events/s',
    baseline: `${name} -d`,
    budget: undefined,
    rounds,
    ours: () => timedAsync(() => contentOf(ours)),
    // What comes out was compared above.
    theirs: () => ({ ns: runTool(name, ['-d', '-c', '-q', theirs]), answer }),
  });
}

async function contentOf(path: string): Promise<string> {
  const { count, checksum } = await timesOf(path);
  return `${count} ${checksum}`;
}
