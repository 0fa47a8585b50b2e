// Where things are in this workspace; shared by the scripts beside it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Folders of all workspace packages, relative to the root. */
export function packageFolders() {
  const folders = ['bench', 'e2e'];
  for (const parent of ['packages', 'examples']) {
    for (const name of listDir(join(ROOT, parent))) folders.push(`${parent}/${name}`);
  }
  return folders
    .filter((folder) => existsSync(join(ROOT, folder, 'package.json')))
    .toSorted(byName);
}

/** Files below a folder whose path passes the test, relative to the root, in a stable order. */
export function filesBelow(folder, accepts) {
  const found = [];
  for (const entry of listDir(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'dist') {
        found.push(...filesBelow(path, accepts));
      }
    } else if (accepts(path)) {
      found.push(path);
    }
  }
  return found.toSorted(byName);
}

/** Markdown files in the root itself. */
export function rootMarkdown() {
  return listDir(ROOT)
    .filter((name) => name.endsWith('.md'))
    .toSorted(byName);
}

function byName(a, b) {
  return a < b ? -1 : 1;
}

function listDir(path, options) {
  return existsSync(path) ? readdirSync(path, options) : [];
}
