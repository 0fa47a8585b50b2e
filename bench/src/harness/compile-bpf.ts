import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR, ROOT_DIR } from './paths.ts';

const INCLUDES = ['packages/core/include', 'packages/source-bpf/bpf'];

/** Where Debian keeps asm/types.h, which a compiler for another target does not look for. */
function multiarchInclude(): string {
  const { stdout } = spawnSync('gcc', ['-print-multiarch'], { encoding: 'utf8' });
  return join('/usr/include', stdout.trim());
}

/** Compiles bench/c/NAME.bpf.c, with the flags of the kernel source's own object, and gives the path of the object. */
export function compileBpf(name: string): string {
  mkdirSync(CACHE_DIR, { recursive: true });
  const object = join(CACHE_DIR, `${name}.bpf.o`);
  const includes = [multiarchInclude(), ...INCLUDES.map((folder) => join(ROOT_DIR, folder))].map(
    (folder) => `-I${folder}`,
  );
  const source = join(ROOT_DIR, 'bench/c', `${name}.bpf.c`);
  const flags = ['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', '-mcpu=v3'];
  const compiled = spawnSync('clang', [...flags, ...includes, '-c', source, '-o', object], {
    encoding: 'utf8',
  });
  if (compiled.status !== 0) throw new Error(`clang failed on ${name}.bpf.c:\n${compiled.stderr}`);
  return object;
}
