import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { CACHE_DIR, ROOT_DIR } from './paths.ts';

/* Without contraction to FMA, a double has the same value on both sides. */
const FLAGS = [
  '-O3',
  '-march=native',
  '-ffp-contract=off',
  '-Wall',
  '-Werror',
  `-I${join(ROOT_DIR, 'packages/core/include')}`,
];

/** What one command of a C program measured. */
export interface CMeasurement {
  readonly ns: number;
  readonly count: number;
  readonly checksum: number;
}

/** Why the C baselines cannot run here, or `undefined`. */
export function whyNoCompiler(): string | undefined {
  const probe = spawnSync('gcc', ['--version'], { stdio: 'ignore' });
  return probe.status === 0 ? undefined : 'no C compiler (gcc): the C baselines are left out';
}

/** Compiles bench/c/NAME.c and gives the path of the program. */
export function compileC(name: string, libraries: readonly string[] = []): string {
  mkdirSync(CACHE_DIR, { recursive: true });
  const program = join(CACHE_DIR, name);
  const source = join(ROOT_DIR, 'bench/c', `${name}.c`);
  const compiled = spawnSync(
    'gcc',
    [...FLAGS, source, '-o', program, ...libraries.map((library) => `-l${library}`), '-lpthread'],
    {
      encoding: 'utf8',
    },
  );
  if (compiled.status !== 0) throw new Error(`gcc failed on ${name}.c:\n${compiled.stderr}`);
  return program;
}

/**
 * A compiled program that answers one line per command. It stays up, so that its passes can be taken in turn with ours: both sides then see
 * the same drift of a shared machine.
 */
export class CProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, ...parameters: readonly string[]) {
    this.#child = spawn(program, parameters, { stdio: 'pipe' });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(command: string): Promise<string> {
    this.#child.stdin.write(`${command}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the C program ended at '${command}'`);
    return value;
  }

  async measure(command: string): Promise<CMeasurement> {
    const [ns, count, checksum] = (await this.ask(command)).split(' ').map(Number);
    return { ns: ns ?? NaN, count: count ?? NaN, checksum: checksum ?? NaN };
  }

  close(): void {
    this.#child.stdin.end();
  }
}
