import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { type Ended, REAL_CONTEXT, REAL_RECORDING, SOCKFLOW, userEnv } from './sockflow-command.ts';

/** What scripts know: `sf` is the command, `$REAL` and `$CONTEXT` are fixtures. */
export const SHELL_ENV: NodeJS.ProcessEnv = {
  NODE: process.execPath,
  SOCKFLOW,
  REAL: REAL_RECORDING,
  CONTEXT: REAL_CONTEXT,
};
export const SHELL_PREAMBLE: string = 'sf() { "$NODE" "$SOCKFLOW" "$@"; }';

/** Runs a script of bash to its end; it fails where one command of a pipe does. */
export function shell(script: string, env: NodeJS.ProcessEnv = {}): Ended {
  return spawnSync('bash', ['-o', 'pipefail', '-c', `${SHELL_PREAMBLE}; ${script}`], {
    encoding: 'utf8',
    env: userEnv({ ...SHELL_ENV, ...env }),
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
}

/** The same, which is to succeed. @returns its output */
export function shellOk(script: string, env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = shell(script, env);
  assert.equal(status, 0, `${script}\n${stderr}`);
  return stdout;
}
