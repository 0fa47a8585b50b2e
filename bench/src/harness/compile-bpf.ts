import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { cachedBuild } from './cached-build.ts';
import { ROOT_DIR } from './paths.ts';

const INCLUDES = ['packages/core/include', 'packages/source-bpf/bpf'];

/** Where Debian keeps asm/types.h, which a compiler for another target does not look for. */
function multiarchInclude(): string {
  const { stdout } = spawnSync('gcc', ['-print-multiarch'], { encoding: 'utf8' });
  return join('/usr/include', stdout.trim());
}

/** Compiles bench/c/NAME.bpf.c where it has not been yet, with the flags of the kernel source's own object, and gives the path of the object. */
export function compileBpf(name: string): string {
  const includes = [multiarchInclude(), ...INCLUDES.map((folder) => join(ROOT_DIR, folder))].map(
    (folder) => `-I${folder}`,
  );
  const source = join(ROOT_DIR, 'bench/c', `${name}.bpf.c`);
  const flags = ['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', '-mcpu=v3'];
  const version = spawnSync('clang', ['--version'], { encoding: 'utf8' }).stdout;
  return cachedBuild({
    name: `${name}.bpf.o`,
    folders: ['bench/c', ...INCLUDES],
    facts: [version, ...flags, ...includes],
    build: (object) => {
      const compiled = spawnSync('clang', [...flags, ...includes, '-c', source, '-o', object], {
        encoding: 'utf8',
      });
      if (compiled.status !== 0)
        throw new Error(`clang failed on ${name}.bpf.c:\n${compiled.stderr}`);
    },
  });
}
