import { readFileSync } from 'node:fs';

interface PackageManifest {
  readonly version: string;
}

const MANIFEST = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as PackageManifest;

/** The version of this package; all packages have the same one. */
export const VERSION: string = MANIFEST.version;
