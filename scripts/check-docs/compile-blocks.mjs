import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { packageFolders, ROOT } from '../workspace.mjs';

const PROJECT_DIR = join(ROOT, '.cache', 'check-docs');

// What a reader's own strict project would have; nothing that is only this workspace's taste.
const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'es2024.sharedmemory', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Compiles every block as a module of its own; @returns the errors, at their place in the page. */
export function compileErrors(blocks) {
  if (blocks.length === 0) return [];
  rmSync(PROJECT_DIR, { recursive: true, force: true });
  mkdirSync(PROJECT_DIR, { recursive: true });
  linkPackages();
  const pathByFile = new Map();
  for (const { path, line, code } of blocks) {
    const file = `${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`;
    pathByFile.set(file, path);
    // Blank lines first, so that the compiler's line numbers are those of the page.
    writeFileSync(join(PROJECT_DIR, file), `${'\n'.repeat(line - 1)}${code}export {};\n`);
  }
  writeJson('package.json', { private: true, type: 'module' });
  writeJson('tsconfig.json', { compilerOptions: COMPILER_OPTIONS, include: ['*.ts'] });
  const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--pretty', 'false'], {
    cwd: PROJECT_DIR,
    encoding: 'utf8',
  });
  if (tsc.status === 0) return [];
  return `${tsc.stdout}${tsc.stderr}`
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.replace(/^([^(\s]+\.ts)\((\d+),(\d+)\)/, (all, file, row, column) => {
        const path = pathByFile.get(file);
        return path === undefined ? all : `${path}:${row}:${column}`;
      }),
    );
}

/** Makes every package of the workspace, and what its users have beside it, importable by name. */
function linkPackages() {
  for (const folder of packageFolders()) {
    const { name } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    link(name, join(ROOT, folder));
  }
  link('rxjs', join(ROOT, 'e2e/node_modules/rxjs'));
  link('@types/node', join(ROOT, 'node_modules/@types/node'));
}

function link(name, target) {
  const path = join(PROJECT_DIR, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function writeJson(file, value) {
  writeFileSync(join(PROJECT_DIR, file), `${JSON.stringify(value, undefined, 2)}\n`);
}
