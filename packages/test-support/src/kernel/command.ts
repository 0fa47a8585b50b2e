import { spawnSync } from 'node:child_process';

const TIMEOUT_MS = 20_000;

/**
 * Runs a system command to its end.
 *
 * @returns what it wrote to stdout.
 * @throws Error with the command line and its stderr where it does not end with code 0.
 */
export function command(name: string, ...args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${[name, ...args].join(' ')}: code ${status}\n${stderr}`);
  return stdout;
}

/** The same, where a failure is no matter: of clean-ups. */
export function tryCommand(name: string, ...args: readonly string[]): string | undefined {
  try {
    return command(name, ...args);
  } catch {
    return undefined;
  }
}
