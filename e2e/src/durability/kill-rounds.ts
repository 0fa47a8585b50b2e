import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { userEnv } from '../cli/sockflow-command.ts';
import { readAcknowledged } from './acknowledged-log.ts';
import { readTimes } from './read-back.ts';

const WRITER = new URL('./endless-writer.js', import.meta.url).pathname;
const START_TIMEOUT_MS = 120_000;
/** From the first acknowledged event on: long enough for some parts and flushes, whatever the policy. */
const MAX_LIFE_MS = 700;

/** One kind of output that is to survive. */
export interface Output {
  readonly name: string;
  readonly fsync: string;
  /** Whether parts follow one another, or the file is one. */
  readonly isSeries: boolean;
}

/** What a round found. */
export interface RoundResult {
  readonly output: Output;
  readonly lifeMs: number;
  readonly acknowledged: number;
  readonly readable: number;
  readonly completeParts: number;
  readonly unfinishedParts: number;
}

export const POLICIES = ['never', 'rotate', 'interval', 'batch'] as const;

/** Each encoding, as one file and as a series. */
export function outputsOf(fsync: string): Output[] {
  return ['out.ndjson', 'out.sfrec', 'out.ndjson.gz'].flatMap((name) =>
    [true, false].map((isSeries) => ({ name, fsync, isSeries })),
  );
}

/** A writer that is killed again and again, each time started anew where the last one was killed. */
export class KillRounds {
  readonly #dir: string;
  readonly #recording: string;
  readonly #expected: readonly bigint[];
  readonly #random: () => number;

  /** @param random - seeded: from 0 to 1 */
  constructor(dir: string, recording: string, random: () => number) {
    this.#dir = dir;
    this.#recording = recording;
    this.#expected = readTimes(recording);
    this.#random = random;
  }

  /** Starts a writer, kills it at a random moment, and holds what is there against what it had acknowledged, and against what was there before. */
  async run(output: Output): Promise<RoundResult> {
    const folder = join(this.#dir, `${output.name}-${output.fsync}-${output.isSeries}`);
    mkdirSync(folder, { recursive: true });
    const before = snapshot(folder);
    const lifeMs = Math.floor(this.#random() ** 2 * MAX_LIFE_MS);
    const acknowledged = await this.#killedAfter(output, folder, lifeMs);
    const found = newFiles(folder, before, output.isSeries);
    const times = found.flatMap((path) => readTimes(path));
    this.#checkOrder(times, folder);
    assert.ok(
      times.length >= acknowledged,
      `${folder}: ${acknowledged} acknowledged, ${times.length} readable`,
    );
    const unfinished = found.filter((path) => path.endsWith('.part'));
    assert.ok(unfinished.length <= 1, `${folder}: ${unfinished.join(', ')}`);
    forgetOldest(folder);
    return {
      output,
      lifeMs,
      acknowledged,
      readable: times.length,
      completeParts: found.length - unfinished.length,
      unfinishedParts: unfinished.length,
    };
  }

  async #killedAfter(output: Output, folder: string, lifeMs: number): Promise<number> {
    const log = join(this.#dir, 'acknowledged');
    rmSync(log, { force: true });
    const options = [
      `fsync=${output.fsync}`,
      'flush=50ms',
      ...(output.name.endsWith('.sfrec') ? [] : ['fields=tsNs']),
      ...(output.isSeries ? ['rotate=300KiB', 'every=200ms'] : []),
    ];
    const sink = `file:${join(folder, output.name)}?${options.join('&')}`;
    const child = spawn(process.execPath, [WRITER, this.#recording, sink, log], {
      env: userEnv(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const exited = once(child, 'exit');
    const startMs = performance.now();
    while (!existsSync(log) || readAcknowledged(log) === undefined) {
      assert.equal(child.exitCode, null, stderr);
      assert.ok(performance.now() - startMs < START_TIMEOUT_MS, 'nothing was acknowledged');
      await sleep(2);
    }
    await sleep(lifeMs);
    assert.equal(child.exitCode, null, stderr);
    child.kill('SIGKILL');
    await exited;
    return readAcknowledged(log) ?? 0;
  }

  /** Every event from the first on, none missing, none twice. */
  #checkOrder(times: readonly bigint[], folder: string): void {
    const { length } = this.#expected;
    const wrong = times.findIndex((time, index) => time !== this.#expected[index % length]);
    assert.equal(wrong, -1, `${folder}: event ${wrong} is another one than was written`);
  }
}

type Snapshot = ReadonlyMap<string, string>;

function snapshot(folder: string): Snapshot {
  return new Map(
    readdirSync(folder).map((name) => {
      const { size, mtimeMs, ino } = statSync(join(folder, name));
      return [name, `${size} ${mtimeMs} ${ino}`];
    }),
  );
}

/** What a killed writer left, in the order in which it was written; what was there before is as it was, but for the unfinished file that the next start replaces. */
function newFiles(folder: string, before: Snapshot, isSeries: boolean): string[] {
  const after = snapshot(folder);
  for (const [name, stats] of before) {
    if (!isSeries && name.endsWith('.part')) continue;
    assert.equal(after.get(name), stats, `${join(folder, name)} was left alone`);
  }
  return [...after.keys()]
    .filter((name) => after.get(name) !== before.get(name))
    .toSorted()
    .map((name) => join(folder, name));
}

/** Keeps the next rounds quick: some of what lies there is enough to be left alone. */
function forgetOldest(folder: string): void {
  const names = readdirSync(folder).toSorted();
  for (const name of names.slice(0, -20)) rmSync(join(folder, name));
}

/** For messages. */
export function describeRound({ output, lifeMs, ...counts }: RoundResult): string {
  const { name, fsync, isSeries } = output;
  const found = `${counts.acknowledged} acknowledged, ${counts.readable} readable`;
  const parts = `${counts.completeParts} complete, ${counts.unfinishedParts} unfinished`;
  return `${name} fsync=${fsync} ${isSeries ? 'series' : 'one file'}, killed after ${lifeMs} ms: ${found}; ${parts}`;
}
