import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { BenchRun } from './bench-case.ts';
import { cachedBuild } from './cached-build.ts';
import { ROOT_DIR } from './paths.ts';
import { PeerProgram } from './peer-program.ts';

const INCLUDE_DIR = 'packages/core/include';
/* Without contraction to FMA, a double has the same value on both sides. */
const FLAGS = [
  '-O3',
  '-march=native',
  '-ffp-contract=off',
  '-Wall',
  '-Werror',
  `-I${join(ROOT_DIR, INCLUDE_DIR)}`,
];

/** Why the C baselines cannot run here, or `undefined`. */
export function whyNoCompiler(): string | undefined {
  const probe = spawnSync('gcc', ['--version'], { stdio: 'ignore' });
  return probe.status === 0 ? undefined : 'needs a C compiler (gcc)';
}

/** Compiles bench/c/NAME.c where it has not been yet, and gives the path of the program. */
export function compileC(name: string, libraries: readonly string[] = []): string {
  const source = join(ROOT_DIR, 'bench/c', `${name}.c`);
  const links = [...libraries.map((library) => `-l${library}`), '-lpthread'];
  const version = spawnSync('gcc', ['--version'], { encoding: 'utf8' }).stdout;
  return cachedBuild({
    name,
    folders: ['bench/c', INCLUDE_DIR],
    facts: [version, ...FLAGS, ...links],
    build: (program) => {
      const compiled = spawnSync('gcc', [...FLAGS, source, '-o', program, ...links], {
        encoding: 'utf8',
      });
      if (compiled.status !== 0) throw new Error(`gcc failed on ${name}.c:\n${compiled.stderr}`);
    },
  });
}

/** Which program is to be compiled, and the rows that there are only with it. */
export interface CSide {
  readonly program: string;
  readonly libraries?: readonly string[];
  readonly rows: readonly string[];
}

/** Calls `use` with a compiled program that runs, or, where there is no compiler, without one: then its rows are said to be left out. */
export async function withC<T>(
  bench: Pick<BenchRun, 'leftOut'>,
  { program, libraries, rows }: CSide,
  use: (c: PeerProgram | undefined) => Promise<T>,
): Promise<T> {
  const missing = whyNoCompiler();
  if (missing !== undefined) {
    for (const row of rows) bench.leftOut(row, missing);
    return use(undefined);
  }
  const c = new PeerProgram(compileC(program, libraries));
  try {
    return await use(c);
  } finally {
    c.close();
  }
}
