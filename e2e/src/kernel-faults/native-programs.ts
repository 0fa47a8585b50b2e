import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';

const SOURCES = join(WORKSPACE, 'e2e/src/kernel-faults/native');
const LIBRARIES = ['-lbpf', '-lelf', '-lz'];
// Debian has <asm/types.h> in a folder of the machine's.
const BPF_OPTIONS = '-O2 -g -target bpf -Wall -I /usr/include/x86_64-linux-gnu'.split(' ');

let builtDir: string | undefined;

/** What is compiled lies here until this process ends. */
function buildDir(): string {
  if (builtDir === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'sockflow-test-native-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    builtDir = dir;
  }
  return builtDir;
}

const built = new Map<string, string>();

function build(name: string, command: string, argsOf: (output: string) => readonly string[]) {
  const known = built.get(name);
  if (known !== undefined) return known;
  const output = join(buildDir(), name);
  const run = spawnSync(command, argsOf(output), { encoding: 'utf8' });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`${command} failed to build ${name}:\n${run.stderr}`);
  built.set(name, output);
  return output;
}

/** @returns path of the program that makes traffic */
export function buildTraffic(): string {
  const source = join(SOURCES, 'traffic.c');
  return build('traffic', 'gcc', (output) => ['-O2', '-Wall', '-pthread', '-o', output, source]);
}

/** @returns path of the loader of the programs of somebody else */
export function buildWitness(): string {
  const source = join(SOURCES, 'witness.c');
  return build('witness', 'gcc', (output) => ['-O2', '-Wall', '-o', output, source, ...LIBRARIES]);
}

/** @returns path of the compiled programs of somebody else */
export function buildWitnessPrograms(): string {
  const source = join(SOURCES, 'witness.bpf.c');
  return build('witness.bpf.o', 'clang', (output) => [...BPF_OPTIONS, '-c', source, '-o', output]);
}
