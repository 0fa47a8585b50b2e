import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { cachedBuild } from './cached-build.ts';
import { ROOT_DIR } from './paths.ts';

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
  return probe.status === 0 ? undefined : 'no C compiler (gcc): the C baselines are left out';
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

/* Suites that still import them from here. */
export { PeerProgram as CProgram, type PeerMeasurement as CMeasurement } from './peer-program.ts';
