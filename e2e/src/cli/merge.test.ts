import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { openRecording, type Origin, RecordingWriter, scanRecording } from 'sockflow';

import { REAL_RECORDING, sockflowOk } from './sockflow-command.ts';

const REAL_EVENTS = 3595;

/** The real recording as that of another host: all cookies and namespaces are the same. */
function asHost(path: string, change: (origin: Origin) => Origin): string {
  const writer = RecordingWriter.create(path, { blockBytes: 64 << 10 });
  const real = openRecording(REAL_RECORDING);
  const host = change(real.origins[0] as Origin);
  scanRecording(real, (memory, word, bytes) =>
    writer.appendSlots(memory, word, word + bytes / 4, host),
  );
  writer.close();
  return path;
}

/** Two hosts with equal cookies, the second 100 ms behind the first. */
function twins(t: TestContext): [a: string, b: string] {
  const folder = useTempDir(t);
  const clock = { bootNs: 0n, realtimeNs: 1_790_000_000n * 1_000_000_000n };
  const later = { ...clock, realtimeNs: clock.realtimeNs + 100_000_000n };
  return [
    asHost(join(folder, 'a.sfrec'), (origin) => ({ ...origin, id: 'a', clock })),
    asHost(join(folder, 'b.sfrec'), (origin) => ({ ...origin, id: 'b', clock: later })),
  ];
}

interface Inspection {
  readonly connections: { readonly total: number };
}

interface Line {
  readonly originId: string;
  readonly tsNs: string;
  readonly wallNs?: string;
}

function linesOf(args: readonly string[]): Line[] {
  const { stdout } = sockflowOk(['replay', ...args, '--sink', 'console:?encoding=ndjson']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

test('replay merges recordings of several hosts by wall clock, within the length of a block', (t) => {
  const paths = twins(t);
  const lines = linesOf(paths);
  assert.equal(lines.length, 2 * REAL_EVENTS);
  let longestNs = 0n;
  for (const { blocks } of paths.flatMap((path) => openRecording(path).parts)) {
    for (let row = 0; row < blocks.count; row++) {
      const lastsNs = blocks.lastTimeNs(row) - blocks.firstTimeNs(row);
      if (lastsNs > longestNs) longestNs = lastsNs;
    }
  }
  const [first, last] = [lines[0]!, lines.at(-1)!].map(({ wallNs }) => BigInt(wallNs!)) as [
    bigint,
    bigint,
  ];
  assert.ok(longestNs < last - first, 'there is something to merge');
  let latestNs = 0n;
  for (const { wallNs } of lines) {
    const timeNs = BigInt(wallNs!);
    assert.ok(latestNs - timeNs <= longestNs);
    if (timeNs > latestNs) latestNs = timeNs;
  }
  const earlier = lines.slice(0, lines.length / 2).map(({ originId }) => originId);
  assert.equal(new Set(earlier).size, 2);
});

test('connections of two hosts with equal cookies stay apart in inspect and slice', (t) => {
  const paths = twins(t);
  const both = join(useTempDir(t), 'both.sfrec');
  sockflowOk(['slice', ...paths, both]);
  const connections = (path: string): number =>
    (JSON.parse(sockflowOk(['inspect', path, '--json']).stdout) as Inspection).connections.total;
  const one = connections(paths[0]);
  assert.equal(one, 91);
  assert.equal(connections(both), 2 * one);
  assert.deepEqual(
    openRecording(both).origins.map(({ id }) => id),
    ['a', 'b'],
  );
});

test('a host whose clock is not known is told, and boot time is the order then', (t) => {
  const [a] = twins(t);
  const c = asHost(join(useTempDir(t), 'c.sfrec'), ({ clock: _clock, ...origin }) => ({
    ...origin,
    id: 'c',
  }));
  for (const command of [
    ['replay', a, c, '--json'],
    ['cat', a, c, '--head', '1'],
  ]) {
    const { stderr } = sockflowOk(command);
    assert.match(
      stderr,
      /warning.*the wall clock of 'c' is not known: .*merged by time since boot/s,
    );
  }
});

test('a sink that would write over any of the recordings is refused', (t) => {
  const [a, b] = twins(t);
  assert.throws(() => sockflowOk(['replay', a, b, '--sink', `file:${b}`]));
});

test('inspect says how blocks are compressed, and what it saves', (t) => {
  const folder = useTempDir(t);
  for (const [compress, how] of [
    ['zstd', /2 blocks of zstd, \d+\.\d times smaller/],
    ['none', /2 blocks, \d+ bytes an event/],
  ] as const) {
    const path = join(folder, `${compress}.sfrec`);
    sockflowOk(['convert', REAL_RECORDING, path, '--compress', compress]);
    assert.match(sockflowOk(['inspect', path]).stdout, how);
  }
});
