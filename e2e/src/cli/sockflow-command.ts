import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';

/** The command as users have it: the bin file, in a process of its own. */
export const SOCKFLOW: string = join(WORKSPACE, 'packages/cli/bin/sockflow.js');
export const REAL_CONTEXT: string = join(WORKSPACE, 'fixtures/real-context.ndjson.gz');
export const REAL_RECORDING: string = join(WORKSPACE, 'fixtures/real.sfrec');
export const LIVE_RECORDING: string = join(WORKSPACE, 'fixtures/live.sfrec');

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1 << 28;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SockflowOptions {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
}

/** The environment of a user's shell: nothing of the test runner's, no forced colours. */
export function userEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more };
  for (const name of Object.keys(env)) {
    if (/^(NODE_TEST_|NODE_V8_COVERAGE)/.test(name)) delete env[name];
  }
  if (more['FORCE_COLOR'] === undefined) delete env['FORCE_COLOR'];
  // Node takes a terminal of a CI machine for one without colours.
  if (more['CI'] === undefined) delete env['CI'];
  if (more['NODE_ENV'] === undefined) delete env['NODE_ENV'];
  return env;
}

/** Runs the command to its end. */
export function sockflow(args: readonly string[], options: SockflowOptions = {}): Ended {
  const { cwd = WORKSPACE, input = '', env = {} } = options;
  const run = spawnSync(process.execPath, [SOCKFLOW, ...args], {
    cwd,
    input,
    env: userEnv(env),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (run.error !== undefined) throw run.error;
  return { status: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
}

/** Runs the command and expects exit code 0. */
export function sockflowOk(args: readonly string[], options: SockflowOptions = {}): Ended {
  const run = sockflow(args, options);
  assert.equal(run.status, 0, `sockflow ${args.join(' ')}\n${run.stderr}`);
  return run;
}

/** Starts the command and leaves it running. */
export function startSockflow(
  args: readonly string[],
  options: SockflowOptions = {},
): ChildProcess {
  const { cwd = WORKSPACE, env = {} } = options;
  return spawn(process.execPath, [SOCKFLOW, ...args], {
    cwd,
    env: userEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What an error must say. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message?: RegExp;
  readonly place: RegExp;
  readonly remedy: RegExp;
}

/** Expects that a run told its user one error: code, place, remedy, no stack, and the exit code. */
export function assertRefused(run: Ended, refusal: Refusal): void {
  const told = `exit code ${run.status}, stderr:\n${run.stderr}`;
  const errors = run.stderr.split('\n').filter((line) => line.startsWith('error '));
  assert.equal(errors.length, 1, `one error is told\n${told}`);
  assert.match(errors[0] ?? '', new RegExp(`^error ${refusal.code}: \\S`), told);
  if (refusal.message !== undefined) assert.match(errors[0] ?? '', refusal.message, told);
  assert.match(lineOf(run.stderr, 'place'), refusal.place, told);
  assert.match(lineOf(run.stderr, 'remedy'), refusal.remedy, told);
  assert.doesNotMatch(run.stderr, /^\s+at .+:\d+/m, `no stack is told\n${told}`);
  assert.equal(run.status, refusal.status, told);
}

function lineOf(stderr: string, label: string): string {
  const line = stderr.split('\n').find((text) => text.trimStart().startsWith(`${label} `));
  return line?.trim().slice(label.length).trim() ?? '';
}
