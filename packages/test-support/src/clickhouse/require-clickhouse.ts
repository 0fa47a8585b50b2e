import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type SkippableTest, skipTest } from '../needs.ts';

const MANIFEST_DIR = fileURLToPath(new URL('../../clickhouse/', import.meta.url));
const MANIFEST_FILES = ['package.json', 'package-lock.json'];
const CACHE_DIR = fileURLToPath(new URL('../../../../.cache/', import.meta.url));
const INSTALL_TIMEOUT_MS = 10 * 60 * 1000;
/** Where its library is prebuilt. */
const PLATFORMS: ReadonlySet<string> = new Set([
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
]);

function installDir(): string {
  const hash = createHash('sha256');
  for (const name of MANIFEST_FILES) hash.update(readFileSync(join(MANIFEST_DIR, name)));
  return join(CACHE_DIR, `clickhouse-${hash.digest('hex').slice(0, 12)}`);
}

/**
 * States that a test needs a ClickHouse. It is the npm package chdb, with the engine itself (550 MB): too large for the default install, so the first test that needs it brings it.
 *
 * @returns the folder of the package; `undefined` where it cannot be had: the test is skipped with the reason.
 */
export function requireClickHouse(test: SkippableTest): string | undefined {
  const platform = `${process.platform}-${process.arch}`;
  const reason = PLATFORMS.has(platform) ? install() : `needs ClickHouse on ${platform}`;
  if (reason === undefined) return join(installDir(), 'node_modules/chdb');
  skipTest(test, reason);
  return undefined;
}

/** @returns why it could not be installed. Several processes may do so at once: the first to be ready wins. */
function install(): string | undefined {
  const dir = installDir();
  if (existsSync(dir)) return undefined;
  mkdirSync(dirname(dir), { recursive: true });
  const fresh = mkdtempSync(`${dir}-`);
  try {
    for (const name of MANIFEST_FILES) copyFileSync(join(MANIFEST_DIR, name), join(fresh, name));
    // Not `npm ci`: the lock file names only the platform it was made on.
    const { error, status, stderr } = spawnSync(
      'npm',
      ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: fresh, encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS },
    );
    if (status !== 0) return `needs ClickHouse from npm: ${error?.message ?? stderr}`;
    if (!existsSync(dir)) renameSync(fresh, dir);
    return undefined;
  } catch (error) {
    return existsSync(dir) ? undefined : `needs ClickHouse from npm: ${String(error)}`;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
