import { spawnSync } from 'node:child_process';

import { type Ended, SOCKFLOW, userEnv } from './sockflow-command.ts';

const NOBODY = '65534';

/** Runs the command as another user with these capabilities and no others. */
export function sockflowWith(capabilities: readonly string[], args: readonly string[]): Ended {
  const list = (sign: string): string => capabilities.map((name) => `,${sign}${name}`).join('');
  const run = spawnSync(
    'setpriv',
    [
      '--reuid',
      NOBODY,
      '--clear-groups',
      '--inh-caps',
      `-all${list('+')}`,
      '--ambient-caps',
      `-all${list('+')}`,
      '--bounding-set',
      `-all${list('+')}`,
      process.execPath,
      SOCKFLOW,
      ...args,
    ],
    { env: userEnv(), encoding: 'utf8', cwd: '/' },
  );
  if (run.error !== undefined) throw run.error;
  return { status: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
}
