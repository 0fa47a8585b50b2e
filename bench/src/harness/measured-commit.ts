import { spawnSync } from 'node:child_process';

import { ROOT_DIR } from './paths.ts';

/** Which code is measured: its commit and whether files differ from it; nothing where this is no checkout of git. */
export function measuredCommit(): { commit?: string; isDirty?: boolean } {
  const commit = git('rev-parse', '--short=12', 'HEAD');
  const changes = git('status', '--porcelain', '--untracked-files=no');
  if (commit === undefined || changes === undefined) return {};
  return { commit, isDirty: changes !== '' };
}

function git(...parameters: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', parameters, { cwd: ROOT_DIR, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
