import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import { assertRefused, sockflow, sockflowOk } from './sockflow-command.ts';

/* Does what its parameter says in the lane that has the connection named, and only there, once the other lane has written something. */
const PIPELINE = `import { existsSync, statSync } from 'node:fs';
import { definePipeline, file, replay, where } from 'sockflow';

function hasWritten(path) {
  return existsSync(path) ? true : (statSync(path + '.part', { throwIfNoEntry: false })?.size ?? 0) > 0;
}

export default definePipeline(({ recording, out, cookie, fault }) => ({
  source: replay(recording),
  events: (batches) => batches.pipe(
    where((event) => {
      if (fault !== 'none' && event.cookie === BigInt(cookie)) {
        while (!hasWritten(out.replace('.ndjson', '.0.ndjson')));
        if (fault === 'throws') throw new RangeError('this one is too much');
        if (fault === 'exits') process.exit(7);
      }
      return true;
    }),
  ),
  sinks: [file(out)],
}));
`;

interface Victim {
  readonly dir: string;
  readonly recording: string;
  readonly cookie: string;
  /** The lane that the connection is not in. */
  readonly other: number;
  /** What the other lane writes when nothing fails. */
  readonly whole: readonly string[];
  readonly args: (out: string, fault: string) => string[];
}

/** A recording, and a connection of lane 1. */
function makeVictim(dir: string): Victim {
  linkSockflow(dir);
  writeFileSync(join(dir, 'faulty.mjs'), PIPELINE);
  const recording = join(dir, 'many.sfrec');
  sockflowOk(['gen', recording, '--connections', '3000', '--seed', '21', '--lane-groups', '2']);
  const args = (out: string, fault: string): string[] => {
    const params = { recording, out: join(dir, out), cookie, fault };
    const texts = Object.entries(params).flatMap(([name, value]) => [
      '--param',
      `${name}=${value}`,
    ]);
    return ['run', join(dir, 'faulty.mjs'), '--lanes', '2', ...texts];
  };
  let cookie = '0';
  sockflowOk(args('whole.ndjson', 'none'));
  const files = [0, 1].map((lane) => linesOf(join(dir, `whole.${lane}.ndjson`)));
  const last = files[1]?.at(-1) ?? '';
  cookie = String((JSON.parse(last) as { cookie: unknown }).cookie);
  return { dir, recording, cookie, other: 0, whole: files[0] ?? [], args };
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** The file of the lane that did not fail: complete under its name, of whole lines, all of them what it should have, from the first on. */
function assertOtherLane({ dir, whole, other }: Victim, out: string): void {
  const lines = linesOf(join(dir, `${out}.${other}.ndjson`));
  assert.ok(lines.length > 0 && lines.length <= whole.length, `${lines.length} lines`);
  assert.deepEqual(lines, whole.slice(0, lines.length));
}

test('an operator that throws in one lane ends the run by its name; the file of the other lane is complete', (t) => {
  const victim = makeVictim(useTempDir(t));
  const run = sockflow(victim.args('thrown.ndjson', 'throws'));
  assertRefused(run, {
    status: 1,
    code: 'ERR_SOCKFLOW_LANE_FAILED',
    message: /lane 1.*operator where.*this one is too much/,
    place: /lane 1/,
    remedy: /\S/,
  });
  assertOtherLane(victim, 'thrown');
});

test('a lane whose thread ends by itself ends the run by its number; the file of the other lane is complete', (t) => {
  const victim = makeVictim(useTempDir(t));
  const run = sockflow(victim.args('exited.ndjson', 'exits'));
  assertRefused(run, {
    status: 1,
    code: 'ERR_SOCKFLOW_LANE_DIED',
    message: /lane 1/,
    place: /lane 1/,
    remedy: /\S/,
  });
  assertOtherLane(victim, 'exited');
});
