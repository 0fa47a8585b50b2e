import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand, WORKSPACE } from './workspace.ts';

/** A code block of a README that says of itself, by `<!-- run -->` above it, that it runs as it is. */
export interface ReadmeExample {
  readonly language: 'js' | 'sh' | 'ts';
  readonly code: string;
}

const MARKED_BLOCK = /^<!-- run -->\s*\n```(\w+)[^\n]*\n([^]*?)^```/gm;

/** @returns the marked blocks of a README in their order; none when there is no such file. */
export function readExamples(readmePath: string): ReadmeExample[] {
  if (!existsSync(readmePath)) return [];
  const text = readFileSync(readmePath, 'utf8');
  return [...text.matchAll(MARKED_BLOCK)].map(([, language, code = '']) => {
    if (language !== 'js' && language !== 'sh' && language !== 'ts') {
      throw new Error(`${readmePath}: cannot run a block of '${language}'; use js, ts or sh`);
    }
    return { language, code };
  });
}

/** Puts the recordings of the checkout beside the examples: they may read them by bare name. */
export function copyFixtures(dir: string): void {
  const fixturesDir = join(WORKSPACE, 'fixtures');
  if (!existsSync(fixturesDir)) return;
  for (const name of readdirSync(fixturesDir)) {
    if (name.endsWith('.sfrec')) copyFileSync(join(fixturesDir, name), join(dir, name));
  }
}

/**
 * Runs one example in a folder that has the packages installed, with the `node` of `nodeDir`.
 *
 * @throws Error with its output when it does not compile or does not end with code 0.
 */
export function runExample(
  example: ReadmeExample,
  name: string,
  dir: string,
  nodeDir: string,
): void {
  const pathDirs = [nodeDir, join(dir, 'node_modules', '.bin')];
  if (example.language === 'sh') {
    runCommand('bash', ['-euo', 'pipefail', '-c', example.code], { cwd: dir, pathDirs });
    return;
  }
  const extension = example.language === 'ts' ? 'mts' : 'mjs';
  writeFileSync(join(dir, `${name}.${extension}`), example.code);
  if (example.language === 'ts') compile(`${name}.mts`, dir);
  runCommand('node', [`${name}.mjs`], { cwd: dir, pathDirs });
}

/** Types come from the installed packages; only the compiler and Node's types from the checkout. */
function compile(file: string, dir: string): void {
  const modules = join(WORKSPACE, 'node_modules');
  const target = [
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--lib',
    'es2023,esnext.disposable',
  ];
  const types = ['--types', 'node', '--typeRoots', join(modules, '@types')];
  const args = ['--strict', '--skipLibCheck', ...target, ...types, file];
  runCommand(join(modules, '.bin', 'tsc'), args, { cwd: dir });
}
