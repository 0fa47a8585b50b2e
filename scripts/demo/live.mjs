// The live part of the demo: a child process in a cgroup of its own makes traffic on loopback, `sockflow record` records it, and what it recorded is shown.
// Where the machine does not allow it, one line says why.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { diagnose } from 'sockflow';

import { ROOT } from '../workspace.mjs';
import { connectionLines } from './connections.mjs';

const SOCKFLOW = join(ROOT, 'packages/cli/bin/sockflow.js');
const RECORDING = 'out/demo/live.sfrec';
const LONGEST_S = 15;
const REMOVE_TRIES = 100;
const REMOVE_WAIT_MS = 20;

/** Runs it. Nothing of it stays behind but the recording. */
export async function liveDemo() {
  const why = whyNot();
  if (why !== undefined) {
    console.log(`\nLive capture: not on this machine: ${why} (npx sockflow doctor says more)`);
    return;
  }
  const cgroup = join(cgroup2(), `sockflow-demo-${process.pid}`);
  try {
    mkdirSync(cgroup);
  } catch (error) {
    console.log(`\nLive capture: left out, since no cgroup can be made: ${error.message}`);
    return;
  }
  try {
    await show(cgroup);
  } finally {
    await removeCgroup(cgroup);
  }
}

function whyNot() {
  const { canCapture, checks } = diagnose({ output: join(ROOT, RECORDING) });
  if (canCapture) return undefined;
  const errors = checks.filter(({ severity }) => severity === 'error');
  return errors.map(({ found }) => found).join('; ');
}

async function show(cgroup) {
  console.log('\nNow live: a process in a cgroup of its own talks to itself, and the kernel tells');
  const recorder = spawn(
    process.execPath,
    [SOCKFLOW, 'record', RECORDING, '--cgroup', cgroup, '--duration', `${LONGEST_S}s`],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'pipe'] },
  );
  const traffic = spawn(process.execPath, [join(ROOT, 'scripts/demo/traffic.mjs')], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), String(traffic.pid));
    const told = await until(recorder, /^recording to /m);
    traffic.stdin.write('go\n');
    if (traffic.exitCode === null) await once(traffic, 'exit');
    recorder.kill('SIGINT');
    if (recorder.exitCode === null) await once(recorder, 'close');
    for (const line of await connectionLines(join(ROOT, RECORDING))) console.log(` ${line}`);
    for (const [line] of told.text.matchAll(/^ {2}source, .*$/gm)) console.log(line);
    console.log(`Written\n  ${RECORDING}`);
  } finally {
    traffic.kill('SIGKILL');
    recorder.kill('SIGKILL');
  }
}

/** Waits until the recorder says something. @returns what it has said, then and later */
async function until(recorder, pattern) {
  const told = { text: '' };
  return new Promise((resolve, reject) => {
    recorder.on('exit', (code) => reject(new Error(`record ended with ${code}:\n${told.text}`)));
    recorder.stderr.on('data', (chunk) => {
      told.text += chunk;
      if (pattern.test(told.text)) resolve(told);
    });
  });
}

function cgroup2() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const line = mounts.find((mount) => mount.includes(' - cgroup2 ')) ?? '';
  return line.split(' ')[4] ?? '';
}

/** Its processes may be about to end. */
async function removeCgroup(path) {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if (error.code === 'ENOENT') return;
      await new Promise((resolve) => {
        setTimeout(resolve, REMOVE_WAIT_MS);
      });
    }
  }
  console.log(`${path} could not be removed: something is in it still`);
}
