import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { openRecording, scanRecording, SlotView } from 'sockflow';

import { sockflowOk, userEnv } from '../cli/sockflow-command.ts';
import { readAcknowledged } from './acknowledged-log.ts';
import { seededRandom } from './seeded-random.ts';

const CHILD = new URL('./spool-child.js', import.meta.url).pathname;
const START_TIMEOUT_MS = 120_000;
/** From the first acknowledged event on. */
const MAX_LIFE_MS = 600;

/** What was found after all kills. */
export interface SpoolKills {
  readonly kills: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly twice: number;
}

/** Kills a process with a spool so many times, each time with a recording of its own, and delivers at the end what is left. */
export async function killSpools(dir: string, kills: number, seed: number): Promise<SpoolKills> {
  const random = seededRandom(seed);
  const directory = join(dir, 'spool');
  const out = join(dir, 'out');
  const log = join(dir, 'acknowledged');
  const rounds: Round[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const recording = join(dir, 'in.sfrec');
    sockflowOk(['gen', recording, '--size', '3MiB', '--seed', `${seed}-${kill}`]);
    const args = [recording, directory, out, log, String(seed + kill)];
    const acknowledged = await killedAfter(args, log, random() ** 2 * MAX_LIFE_MS);
    rounds.push({ acknowledged, lines: linesOf(recording) });
  }
  const args = [CHILD, '-', directory, out, log, '0', 'drain'];
  const drained = spawnSync(process.execPath, args, { encoding: 'utf8', env: userEnv() });
  assert.equal(drained.status, 0, drained.stderr);
  return checkDelivered(rounds, readFileSync(out, 'utf8').split('\n').slice(0, -1));
}

interface Round {
  readonly acknowledged: number;
  readonly lines: readonly string[];
}

async function killedAfter(args: readonly string[], log: string, lifeMs: number): Promise<number> {
  rmSync(log, { force: true });
  const child = spawn(process.execPath, [CHILD, ...args], {
    env: userEnv(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const exited = once(child, 'exit');
  const startMs = performance.now();
  while (!existsSync(log) || readAcknowledged(log) === undefined) {
    assert.equal(child.exitCode, null, stderr);
    assert.ok(
      performance.now() - startMs < START_TIMEOUT_MS,
      `nothing was acknowledged\n${stderr}`,
    );
    await sleep(2);
  }
  await sleep(lifeMs);
  assert.equal(child.exitCode, null, stderr);
  child.kill('SIGKILL');
  await exited;
  return readAcknowledged(log) ?? 0;
}

function linesOf(recording: string): string[] {
  const lines: string[] = [];
  scanRecording(openRecording(recording), (memory, word, _bytes, origin) => {
    const view = new SlotView(memory.u32, memory.big, word, origin);
    lines.push(`${view.tsNs} ${view.cookie}`);
  });
  return lines;
}

/** A line's round and its place among the events of that. */
interface Place {
  readonly round: number;
  readonly event: number;
}

/**
 * Of each round at least what was acknowledged, from its first event on and in order, and before all of the next. Where something comes again, so does all that had come after it, of later
 * rounds too: a process that is killed repeats what it had begun to deliver for another one.
 */
function checkDelivered(rounds: readonly Round[], delivered: readonly string[]): SpoolKills {
  const places = placesOf(rounds);
  const reached = rounds.map(() => 0);
  let due: Place = { round: 0, event: 0 };
  let twice = 0;
  for (const [index, line] of delivered.entries()) {
    const place = placeOf(places.get(line) ?? [], due);
    assert.ok(place !== undefined, `line ${index} was never given: ${line}`);
    const { round, event } = place;
    if (round > due.round) {
      assert.deepEqual(place, { round: due.round + 1, event: 0 }, `line ${index} skips something`);
      assert.equal(
        due.event,
        reached[due.round],
        `line ${index} comes before what has to come again`,
      );
      assertAcknowledged(rounds, reached, due.round);
    }
    const known = reached[round] ?? 0;
    assert.ok(event <= known, `line ${index}: event ${known} of round ${round} is missing`);
    if (event < known) twice++;
    reached[round] = Math.max(known, event + 1);
    due = { round, event: event + 1 };
  }
  for (const round of rounds.keys()) assertAcknowledged(rounds, reached, round);
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged, 0);
  return { kills: rounds.length, acknowledged, delivered: delivered.length, twice };
}

function assertAcknowledged(
  rounds: readonly Round[],
  reached: readonly number[],
  round: number,
): void {
  const acknowledged = rounds[round]?.acknowledged ?? 0;
  const delivered = reached[round] ?? 0;
  assert.ok(
    delivered >= acknowledged,
    `round ${round}: ${acknowledged} acknowledged, ${delivered} delivered`,
  );
}

function placesOf(rounds: readonly Round[]): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const [round, { lines }] of rounds.entries())
    for (const [event, line] of lines.entries()) {
      const known = places.get(line);
      if (known === undefined) places.set(line, [{ round, event }]);
      else known.push({ round, event });
    }
  return places;
}

/** Of a line that is there several times, the one that is due, or the last before. */
function placeOf(places: readonly Place[], due: Place): Place | undefined {
  const isPast = ({ round, event }: Place): boolean =>
    round < due.round || (round === due.round && event <= due.event);
  return places.findLast(isPast) ?? places[0];
}
