import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { skipTest, useTempDir } from '@sockflow/test-support';
import type { CleanableTest, SkippableTest } from '@sockflow/test-support';

import { userEnv } from '../cli/sockflow-command.ts';

/* No measure of speed: it only ends what hangs. */
const TIMEOUT_MS = 480_000;
/** How a script says that this machine has not what it needs; its last line on stdout says what. */
export const SKIPPED_STATUS = 77;

type OwnTest = SkippableTest & CleanableTest & { diagnostic(text: string): void };

/**
 * Runs a script with mounts of its own: whatever it mounts in its folder is seen by nobody else, and is gone with it, also where it is killed. Skips the test where this machine
 * lets nobody do so.
 */
export function runWithOwnMounts(t: OwnTest, script: string, ...args: readonly string[]): void {
  const probe = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']);
  if (probe.status !== 0) return skipTest(t, 'needs mounts of its own: root, unshare and mount');
  const path = fileURLToPath(new URL(`./conditions/${script}.js`, import.meta.url));
  const command = ['-m', process.execPath, path, useTempDir(t), ...args];
  const run = spawnSync('unshare', command, {
    encoding: 'utf8',
    env: userEnv(),
    timeout: TIMEOUT_MS,
  });
  if (run.error !== undefined) throw run.error;
  const said = run.stdout.trim();
  if (run.status === SKIPPED_STATUS) return skipTest(t, said.split('\n').at(-1) ?? script);
  if (said !== '') t.diagnostic(said);
  assert.equal(run.status, 0, `${script} ${args.join(' ')}\n${said}\n${run.stderr}`);
}
