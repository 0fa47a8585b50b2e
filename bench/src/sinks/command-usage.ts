import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT_DIR } from '../harness/paths.ts';

const COMMAND = join(ROOT_DIR, 'packages/cli/bin/sockflow.js');
const TELL_USAGE = new URL('./tell-usage.js', import.meta.url).href;

/** What a run of the command used, start and end of Node included, and what it said. */
export interface CommandUsage {
  /** User and system, of all threads. */
  readonly cpuMs: number;
  readonly peakMib: number;
  readonly stdout: string;
}

/** Runs `sockflow` in a process of its own; `notes` is a file for what it used. */
export function commandUsage(args: readonly string[], notes: string): CommandUsage {
  const run = spawnSync(process.execPath, ['--import', TELL_USAGE, COMMAND, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, SOCKFLOW_BENCH_USAGE: notes },
  });
  if (run.status !== 0) throw new Error(`sockflow ${args.join(' ')}: ${run.stderr}`);
  const usage = JSON.parse(readFileSync(notes, 'utf8')) as Omit<CommandUsage, 'stdout'>;
  return { ...usage, stdout: run.stdout };
}
