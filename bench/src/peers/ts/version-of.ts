import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Version of a package as it is installed, out of its own package.json: not every package exports that, so it is looked for above what the package's name resolves to.
 *
 * @throws Error where the package is not installed
 */
export function versionOf(name: string): string {
  let folder = dirname(require.resolve(name));
  while (dirname(folder) !== folder) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const found = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
      if (found.name === name && found.version !== undefined) return found.version;
    }
    folder = dirname(folder);
  }
  throw new Error(`no package.json of ${name}`);
}
