import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The file of the lane that did not fail: of whole lines, all of them what it should have, from the first on; under its final name only where it has all. */
function assertOtherLane({ dir, whole, other }: Victim, out: string): void {
  const path = join(dir, `${out}.${other}.ndjson`);
  const isFinal = existsSync(path);
  const lines = linesOf(isFinal ? path : `${path}.part`);
  assert.ok(lines.length > 0 && lines.length <= whole.length, `${lines.length} lines`);
  assert.deepEqual(lines, whole.slice(0, lines.length));
  if (isFinal) assert.equal(lines.length, whole.length);
}

/** Of the lane that failed there is no complete output. */
function assertFailedLane({ dir, other }: Victim, out: string): void {
  const path = join(dir, `${out}.${1 - other}.ndjson`);
  assert.deepEqual([existsSync(path), existsSync(`${path}.part`)], [false, true]);
}

test('an operator that throws in one lane ends the run by its name; the file of the other lane is right, and only a whole one has its name', (t) => {
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
  assertFailedLane(victim, 'thrown');
});

test('a lane whose thread ends by itself ends the run by its number; the file of the other lane is right, and only a whole one has its name', (t) => {
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
  assertFailedLane(victim, 'exited');
});

/* Writes its RTT samples, and fails at the one with this number. */
const FAILING_AT = `import { definePipeline, file, filterOp, Op, replay, where } from 'sockflow';

export default definePipeline(({ recording, out, failAt }) => {
  let samples = 0;
  return {
    source: replay(recording),
    events: (batches) => batches.pipe(
      filterOp(Op.RTT_CB),
      where(() => {
        if (++samples === Number(failAt)) throw new RangeError('boom');
        return true;
      }),
    ),
    sinks: [file(out)],
  };
});
`;

for (const extension of ['ndjson', 'sfrec']) {
  test(`a run that fails neither replaces a complete output nor passes for one: .${extension}`, (t) => {
    const dir = useTempDir(t);
    linkSockflow(dir);
    const out = join(dir, `keep.${extension}`);
    const pipeline = join(dir, 'failing.mjs');
    writeFileSync(pipeline, FAILING_AT);
    const recording = join(dir, 'in.sfrec');
    sockflowOk(['gen', recording, '--connections', '300', '--seed', '3']);
    const run = (failAt: number): ReturnType<typeof sockflow> => {
      const params = [`recording=${recording}`, `out=${out}`, `failAt=${failAt}`];
      return sockflow(['run', pipeline, ...params.flatMap((text) => ['--param', text])]);
    };
    const failedFirst = run(100);
    assert.equal(failedFirst.status, 1, failedFirst.stderr);
    assert.deepEqual([existsSync(out), existsSync(`${out}.part`)], [false, true]);
    const whole = run(0);
    assert.equal(whole.status, 0, whole.stderr);
    assert.match(whole.stderr, new RegExp(`wrote .*keep\\.${extension} `));
    assert.equal(existsSync(`${out}.part`), false, 'what the failed run left is gone');
    const complete = readFileSync(out);
    assert.ok(complete.length > 0);
    const failed = run(100);
    assert.equal(failed.status, 1, failed.stderr);
    assert.match(failed.stderr, new RegExp(`wrote .*keep\\.${extension}\\.part `));
    assert.deepEqual(readFileSync(out), complete);
    assert.ok(existsSync(`${out}.part`));
  });
}
