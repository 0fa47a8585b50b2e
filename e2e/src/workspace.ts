import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, without a slash at its end. */
export const WORKSPACE: string = fileURLToPath(new URL('../..', import.meta.url)).replace(
  /\/$/,
  '',
);

export interface CommandOptions {
  readonly cwd: string;
  /** Folders that come first on the PATH, the first one first of all. */
  readonly pathDirs?: readonly string[];
}

/**
 * Runs a command to its end as a user would from a shell: without what the package manager and the
 * test runner around this process put into the environment.
 *
 * @returns what it wrote to stdout.
 * @throws Error with all its output when it does not end with code 0.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, pathDirs = [] }: CommandOptions,
): string {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(npm_(?!config_)|npm_config_local_prefix|pnpm_|INIT_CWD|NODE_TEST_)/i.test(name)) {
      env[name] = value;
    }
  }
  env['PATH'] = [...pathDirs, process.env['PATH']].join(delimiter);
  const run = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) {
    const how = run.signal === null ? `code ${run.status}` : `signal ${run.signal}`;
    const line = [command, ...args].join(' ');
    throw new Error(`${line}: ended with ${how}\n${run.stdout}${run.stderr}`);
  }
  return run.stdout;
}
