import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SinkWriter } from '@sockflow/core';
import * as fc from 'fast-check';

import {
  give,
  KeepingSink,
  type MadeBatch,
  type MadeEvent,
  textOf,
} from './lane-kit.test.support.ts';
import { openLanes, turn } from './open-lanes.test.support.ts';

async function runLane(
  writer: SinkWriter,
  batches: readonly MadeBatch[],
  pause: () => Promise<void> | undefined,
): Promise<void> {
  for (const batch of batches) {
    await give(writer, batch);
    await pause();
  }
  await writer.flush();
  await writer.close({ isComplete: true });
}

/** Random lanes: connections with events in order, lanes out of order within a window, with clock anchors that all of them have. */
const anyLanes = fc
  .record({
    lanes: fc.integer({ min: 1, max: 8 }),
    windowNs: fc.constantFrom(0, 3_000, 40_000),
    spreadNs: fc.constantFrom(1, 500, 5_000),
    batchSize: fc.constantFrom(1, 7, 40),
    events: fc.array(fc.record({ cookie: fc.integer({ min: 1, max: 30 }), stepNs: fc.nat(3) }), {
      maxLength: 400,
    }),
    anchors: fc.array(fc.nat(400), { maxLength: 3 }),
  })
  .map(({ lanes, windowNs, spreadNs, batchSize, events, anchors }) => {
    let tsNs = 1_000_000;
    const all: MadeEvent[] = events.map(({ cookie, stepNs }, number) => {
      tsNs += stepNs * spreadNs;
      return { tsNs: BigInt(tsNs), cookie: BigInt(cookie), number };
    });
    const marks: MadeEvent[] = [...new Set(anchors)].map((at) => ({
      tsNs: BigInt(1_000_000 + at * spreadNs),
      cookie: 0n,
      number: 0,
      isAnchor: true,
    }));
    const ofLanes = Array.from({ length: lanes }, (_, lane) => {
      const own = [...all.filter(({ cookie }) => Number(cookie) % lanes === lane), ...marks];
      return batchesOf(disordered(own, windowNs), batchSize);
    });
    return { all, marks, ofLanes };
  });

/** Connections as they are, each shifted against the others by up to `windowNs`. */
function disordered(events: readonly MadeEvent[], windowNs: number): MadeEvent[] {
  const placeOf = ({ tsNs, cookie }: MadeEvent): number =>
    Number(tsNs) + (windowNs === 0 ? 0 : (Number(cookie) * 7919) % windowNs);
  return events.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function batchesOf(events: readonly MadeEvent[], size: number): MadeBatch[] {
  const batches: MadeBatch[] = [];
  for (let start = 0; start < events.length; start += size) {
    const later = events.slice(start + size).map(({ tsNs }) => Number(tsNs));
    const endNs = later.length === 0 ? 2e6 : later.reduce((one, other) => Math.min(one, other));
    batches.push({
      events: events.slice(start, start + size),
      endTimeUs: Math.floor(endNs / 1000),
    });
  }
  return batches;
}

function expected(all: readonly MadeEvent[], marks: readonly MadeEvent[]): string[] {
  const compare = (a: MadeEvent, b: MadeEvent): number =>
    Number(a.tsNs - b.tsNs) ||
    Number(b.isAnchor === true) - Number(a.isAnchor === true) ||
    Number(a.cookie - b.cookie) ||
    a.number - b.number;
  return [...all, ...marks].toSorted(compare).map((event) => textOf(event));
}

test('whatever the lanes are given and however they interleave, the output is complete and in order, with little memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyLanes,
      fc.constantFrom(4096, 8192, 1 << 20),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
      async ({ all, marks, ofLanes }, bufferBytes, pauses) => {
        const anyPause = (seed: number): (() => Promise<void> | undefined) => {
          let at = seed;
          return () => (pauses[at++ % pauses.length] === true ? turn() : undefined);
        };
        const inner = new KeepingSink(anyPause(5));
        const { writers, collected } = await openLanes(inner, ofLanes.length, { bufferBytes });
        await Promise.all(
          writers.map((writer, lane) => runLane(writer, ofLanes[lane] ?? [], anyPause(lane))),
        );
        const report = await collected;
        assert.deepEqual(inner.got, expected(all, marks));
        assert.deepEqual(report, { location: 'kept' });
        assert.deepEqual(inner.opened, [{ lane: 0, lanes: 1 }]);
        const given = ofLanes.map(
          (batches) =>
            batches.flatMap(({ events }) => events).filter(({ isAnchor }) => isAnchor !== true)
              .length,
        );
        assert.deepEqual(
          writers.map(({ acknowledged }) => acknowledged),
          given,
        );
        assert.deepEqual(
          writers.map(({ failed }) => failed),
          given.map(() => 0),
        );
      },
    ),
    { numRuns: 60 },
  );
});
