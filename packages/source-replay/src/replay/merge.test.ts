import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import {
  type Batch,
  filterConnection,
  type Origin,
  type Plan,
  scanConnections,
  SlotMemory,
  writeClockAnchor,
  writeContextEvent,
} from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';
import { lastValueFrom, map, toArray } from 'rxjs';

import { fromReplay } from '../from-replay.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import type { RecordingWriterOptions } from '../writer/writer-options.ts';
import { describeMerge } from './merge-clock.ts';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
/** 2026-11-24T10:00:00Z */
const NOON = 1_795_514_400n * SECOND;

/** A host whose clock read `realtimeNs` at `bootNs`. */
function host(id: string, bootNs?: bigint, realtimeNs?: bigint): Origin {
  const clock = bootNs === undefined ? undefined : { bootNs, realtimeNs: realtimeNs ?? NOON };
  return { id, hostName: id, hz: 250, ...(clock === undefined ? {} : { clock }) };
}

/** An event at a time since boot, or the clocks as they were at one; `end`: no more of this block. */
interface Step {
  readonly atNs: bigint;
  readonly cookie?: bigint;
  readonly realtimeNs?: bigint;
  readonly end?: true;
}

function write(
  path: string,
  origin: Origin,
  steps: readonly Step[],
  options: RecordingWriterOptions = {},
): void {
  const writer = RecordingWriter.create(path, options);
  const memory = SlotMemory.allocate(1024);
  for (const { atNs, cookie = 1n, realtimeNs, end } of steps) {
    const bytes =
      realtimeNs === undefined
        ? writeContextEvent(memory, 0, {
            ts_boot_ns: atNs,
            op: 11,
            family: 2,
            is_fullsock: 1,
            state: 10,
            local_port: 443,
            remote_port: 0,
            cookie,
            netns_cookie: 7n,
          })
        : writeClockAnchor(memory, 0, {
            tsNs: atNs,
            realtimeNs,
            monotonicNs: atNs,
            uncertaintyNs: 9n,
          });
    writer.appendSlots(memory, 0, bytes / 4, origin);
    if (end === true) writer.flush();
  }
  writer.close();
}

/** `host@seconds since boot` of each event, in the order of replay. */
function order(events: readonly string[]): string[] {
  return events.map((text) => {
    const at = text.indexOf(':');
    const timeNs = Buffer.from(text.slice(at + 1), 'hex').readBigUInt64LE(16);
    return `${text.slice(0, at)}@${Number(timeNs) / 1e9}`;
  });
}

async function merged(paths: readonly string[], lanes = 1): Promise<string[]> {
  const take = await replayAll(paths, { lanes });
  assert.equal(take.closeError, undefined);
  return order(take.lanes.flatMap(({ events }) => events));
}

const seconds = (...list: number[]): Step[] =>
  list.map((at) => ({ atNs: BigInt(Math.round(at * 1e9)), end: true }));

test('hosts whose boots lie days apart are merged by wall clock, in whatever order they are named', async (t) => {
  const folder = useTempDir(t);
  const [a, b] = [join(folder, 'a.sfrec'), join(folder, 'b.sfrec')];
  // At noon a has been up for nine days, b for five seconds.
  write(
    a,
    host('a', 9n * DAY, NOON),
    [0, 2, 4].map((at) => ({ atNs: 9n * DAY + BigInt(at) * SECOND, end: true })),
  );
  write(b, host('b', 5n * SECOND, NOON), seconds(6, 8, 10));
  const day = Number(9n * DAY) / 1e9;
  const expected = [`a@${day}`, 'b@6', `a@${day + 2}`, 'b@8', `a@${day + 4}`, 'b@10'];
  assert.deepEqual(await merged([a, b]), expected);
  assert.deepEqual(await merged([b, a]), expected);
  assert.equal(describeMerge([openRecording(a), openRecording(b)]), undefined);
});

test('wall time follows the clock anchors in a recording, and order stays where the clock was set back', async (t) => {
  const folder = useTempDir(t);
  const [a, b] = [join(folder, 'a.sfrec'), join(folder, 'b.sfrec')];
  // The clock of a is an hour behind until an anchor at 10 s says so; without the anchor all of a came first.
  write(a, host('a', 0n, NOON - 3600n * SECOND), [
    ...seconds(1, 2),
    { atNs: 10n * SECOND, realtimeNs: NOON + 10n * SECOND },
    ...seconds(10, 12, 14),
  ]);
  write(b, host('b', 0n, NOON), seconds(9, 11, 13));
  const corrected = ['a@1', 'a@2', 'b@9', 'a@10', 'b@11', 'a@12', 'b@13', 'a@14'];
  assert.deepEqual(await merged([a, b]), corrected);
  assert.deepEqual(await merged([b, a], 2), corrected, 'one connection: one lane has all of it');
  // Set back by a minute at 20 s: what comes then waits for nothing and keeps its place after what came before.
  const c = join(folder, 'c.sfrec');
  write(c, host('c', 0n, NOON + 60n * SECOND), [
    ...seconds(18, 19),
    { atNs: 20n * SECOND, realtimeNs: NOON + 20n * SECOND },
    ...seconds(21, 100),
  ]);
  write(b, host('b', 0n, NOON), seconds(77, 81, 99));
  assert.deepEqual(await merged([c, b]), ['b@77', 'c@18', 'c@19', 'c@21', 'b@81', 'b@99', 'c@100']);
});

test('the wall time of events is by the anchors before them, in replay and in what is written of it', async (t) => {
  const folder = useTempDir(t);
  const [a, b, both] = ['a', 'b', 'both'].map((name) => join(folder, `${name}.sfrec`)) as [
    string,
    string,
    string,
  ];
  write(a, host('a', 0n, NOON - 3600n * SECOND), [
    { atNs: 1n * SECOND },
    { atNs: 2n * SECOND, realtimeNs: NOON + 2n * SECOND },
    { atNs: 3n * SECOND },
  ]);
  write(b, host('b', 0n, NOON), seconds(2.5));
  const wallTimes = async (paths: string | readonly string[]): Promise<string[]> => {
    const times = map((batch: Batch) =>
      batch
        .toObjects()
        .map(({ wallNs }) => `${batch.origin.id} ${Number((wallNs ?? 0n) - NOON) / 1e9}`),
    );
    return (await lastValueFrom(fromReplay(paths).pipe(times, toArray()))).flat();
  };
  const expected = ['a -3599', 'a 3', 'b 2.5'];
  assert.deepEqual(await wallTimes([a, b]), expected);
  const writer = RecordingWriter.create(both);
  await lastValueFrom(fromReplay([a, b]).pipe(map((batch) => writer.appendSelection(batch))));
  writer.close();
  assert.deepEqual(await wallTimes(both), expected);
  const recording = openRecording(both);
  const clocks = recording.origins.map(({ id, clock }) => [id, clock?.realtimeNs]);
  assert.deepEqual(
    clocks,
    [
      ['a', NOON - 3600n * SECOND],
      ['b', NOON],
    ],
    'each origin once, as it was',
  );
});

test('a clock that only anchors tell is known; one that nothing tells makes boot time the order, and a note', async (t) => {
  const folder = useTempDir(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.sfrec`)) as [
    string,
    string,
    string,
  ];
  const anchor = { atNs: 100n * SECOND, realtimeNs: NOON };
  write(a, host('a'), [anchor, ...seconds(101, 103)]);
  write(b, host('b', 0n, NOON), seconds(2, 4));
  write(c, host('c'), seconds(1, 102));
  assert.deepEqual(await merged([a, b]), ['a@101', 'b@2', 'a@103', 'b@4']);
  assert.equal(describeMerge([a, b].map((path) => openRecording(path))), undefined);
  assert.deepEqual(await merged([a, b, c]), ['c@1', 'b@2', 'b@4', 'a@101', 'c@102', 'a@103']);
  assert.match(
    describeMerge([a, b, c].map((path) => openRecording(path))) ?? '',
    /^the wall clock of 'c' is not known: .*merged by time since boot, which says nothing/,
  );
  assert.equal(describeMerge([openRecording(c)]), undefined, 'one host has one clock');
});

test('a series of parts, parts of lanes and two boots of a host are one stream in time', async (t) => {
  const folder = useTempDir(t);
  const at = (name: string): string => join(folder, name);
  const first = host('boot-1', 0n, NOON);
  write(at('s.2.x.sfrec'), first, seconds(5, 6));
  write(at('s.1.x.sfrec'), first, seconds(1, 3));
  // Two lanes of one run, and the host after a reboot: its boot clock begins anew.
  prepareRecording(at('l.sfrec'), { lanes: 2 });
  write(at('l.sfrec'), first, seconds(2, 8), { lane: 0, lanes: 2 });
  write(at('l.sfrec'), first, seconds(4, 7), { lane: 1, lanes: 2 });
  write(at('r.sfrec'), host('boot-2', 1n * SECOND, NOON + 9n * SECOND), seconds(1, 2));
  const paths = ['r.sfrec', 's.2.x.sfrec', 'l.sfrec', 's.1.x.sfrec'].map(at);
  const expected = [1, 2, 3, 4, 5, 6, 7, 8].map((time) => `boot-1@${time}`);
  assert.deepEqual(await merged(paths), [...expected, 'boot-2@1', 'boot-2@2']);
  assert.deepEqual(await merged(paths.slice(1)), expected, 'of one boot its clock is the order');
});

test('the merged stream is no further from the order of time than the longest block lasts', async (t) => {
  const folder = useTempDir(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          bootNs: fc.bigInt(0n, 100n * DAY),
          startNs: fc.bigInt(0n, 20n * SECOND),
          gaps: fc.array(fc.record({ ms: fc.nat(2000), end: fc.boolean(), cookie: fc.nat(9) }), {
            minLength: 1,
            maxLength: 40,
          }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      fc.constantFrom(1, 2, 3),
      async (hosts, lanes) => {
        const origins = new Map<string, bigint>();
        const paths = hosts.map(({ bootNs, startNs, gaps }, index) => {
          const id = `host-${index}`;
          origins.set(id, NOON - bootNs);
          let atNs = bootNs + startNs;
          const steps = gaps.map(({ ms, end, cookie }): Step => {
            atNs += BigInt(ms) * 1_000_000n;
            return { atNs, cookie: BigInt(cookie), ...(end ? { end: true } : {}) };
          });
          const path = join(folder, `${id}.sfrec`);
          write(path, host(id, bootNs, NOON), steps);
          return path;
        });
        let longestNs = 0n;
        for (const { blocks } of paths.flatMap((path) => openRecording(path).parts)) {
          for (let row = 0; row < blocks.count; row++) {
            const lastsNs = blocks.lastTimeNs(row) - blocks.firstTimeNs(row);
            if (lastsNs > longestNs) longestNs = lastsNs;
          }
        }
        const take = await replayAll(paths, { lanes });
        for (const { events } of take.lanes) {
          let latestNs = 0n;
          for (const text of events) {
            const colon = text.indexOf(':');
            const bootNs = Buffer.from(text.slice(colon + 1), 'hex').readBigUInt64LE(16);
            const wallNs = bootNs + origins.get(text.slice(0, colon))!;
            assert.ok(
              latestNs - wallNs <= longestNs,
              `${latestNs - wallNs} ns after a later event`,
            );
            if (wallNs > latestNs) latestNs = wallNs;
          }
        }
        const given = take.lanes.reduce((sum, { events }) => sum + events.length, 0);
        assert.equal(
          given,
          hosts.reduce((sum, { gaps }) => sum + gaps.length, 0),
        );
      },
    ),
    { numRuns: 40 },
  );
});

/** Two hosts with the same cookies in the same namespaces, one event each at a time. */
function twins(t: TestContext): [string, string] {
  const folder = useTempDir(t);
  const paths = ['a', 'b'].map((id) => {
    const path = join(folder, `${id}.sfrec`);
    const steps = [0, 1, 2, 3].map((at) => ({
      atNs: BigInt(at + 1) * SECOND,
      cookie: BigInt(at % 2) + 5n,
      end: true as const,
    }));
    write(path, host(id, 0n, NOON), steps);
    return path;
  });
  return paths as [string, string];
}

test('connections of two hosts with equal cookies stay apart', async (t) => {
  const paths = twins(t);
  const scan = scanConnections(
    () => 0,
    (count: number) => count + 1,
    { emitOn: 'close' },
  );
  const records = await lastValueFrom(fromReplay(paths).pipe(scan, toArray()));
  const found = records.map(({ originId, cookie, state }) => `${originId}/${cookie}: ${state}`);
  assert.deepEqual(found.toSorted(), ['a/5: 2', 'a/6: 2', 'b/5: 2', 'b/6: 2']);
  const named = { originId: 'b', netnsCookie: 7n, cookie: 5n };
  const sizes = map(({ origin, size }: Batch) => `${origin.id}: ${size}`);
  const kept = await lastValueFrom(
    fromReplay(paths).pipe(filterConnection(named), sizes, toArray()),
  );
  assert.deepEqual(
    kept.filter((text) => !text.endsWith(': 0')),
    ['b: 1', 'b: 1'],
  );
  const plan: Plan = [{ type: 'connection', originId: 'b', netnsCookie: 7n, cookie: 5n }];
  const { lanes } = await replayAll(paths, { plans: [plan] });
  assert.equal(
    lanes[0]!.counters.skipped,
    6,
    'only blocks of that connection of that host are read',
  );
  for (const lane of (await replayAll(paths, { lanes: 2 })).lanes) {
    const ids = new Set(lane.events.map((text) => text.slice(0, text.indexOf(':'))));
    if (lane.events.length > 0) assert.deepEqual([...ids].toSorted(), ['a', 'b']);
  }
});
