import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Batch } from '../../batch/batch.ts';
import { isBatch } from '../../batch/is-batch.ts';
import type { Sink, SinkWriter } from '../../contracts/sink.ts';
import { SOURCE_END, type LaneSource, type Source } from '../../contracts/source.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { memorySource } from '../memory-source.test.helper.ts';
import { checkSink } from './check-sink.ts';
import { checkSource } from './check-source.ts';

const SOURCE = { connections: 9, rounds: 12, slotsPerSpan: 10 } as const;

/** The source with each lane's end changed. */
function changed(source: Source, change: (lane: LaneSource) => Partial<LaneSource>): Source {
  return {
    ...source,
    openLane: async (context) => {
      const lane = await source.openLane(context);
      const own: LaneSource = {
        next: (word) => lane.next(word),
        wait: (timeoutMs) => lane.wait(timeoutMs),
        close: () => lane.close(),
      };
      return Object.assign(own, change(lane));
    },
  };
}

/** The source with each span changed. */
function withSpans(change: (span: SlotSpan) => SlotSpan): Source {
  return changed(memorySource(SOURCE), (lane) => ({
    next: (word) => {
      const span = lane.next(word);
      return typeof span === 'string' ? span : change(span);
    },
  }));
}

for (const [title, options] of [
  ['whose lanes have slots of their own', {}],
  ['whose lanes share slots', { isShared: true }],
  ['that is idle at times', { idles: true }],
  ['with markers and damage', { hasMarkers: true, connections: 1 }],
] as const) {
  test(`a source ${title} keeps its contract`, async () => {
    const lanes = 'hasMarkers' in options ? [1] : [1, 2, 3];
    assert.deepEqual(await checkSource(memorySource({ ...SOURCE, ...options }), { lanes }), []);
  });
}

const BROKEN_SOURCES: readonly (readonly [string, RegExp, Source])[] = [
  [
    'that counts what it does not give',
    /^SO6: with 1 lanes recorded 109 ≠ read 108/,
    memorySource({ ...SOURCE, lie: 1 }),
  ],
  [
    'whose data cannot cross threads',
    /^SO1: DataCloneError/,
    {
      ...memorySource(SOURCE),
      open: async (context) => ({
        ...(await memorySource(SOURCE).open(context)),
        laneData: () => () => {},
      }),
    },
  ],
  [
    'that gives every lane everything without saying so',
    /^SO3: lane 0 of 2 was given another lane's slot/,
    changed(memorySource({ ...SOURCE, isShared: true }), (lane) => ({
      next: (word) => {
        const span = lane.next(word);
        return typeof span === 'string' ? span : { ...span, mayHoldOtherLanes: false };
      },
    })),
  ],
  [
    'whose spans leave their memory',
    /^SO2: a span ends at word/,
    withSpans((span) => ({ ...span, endWord: span.memory.u32.length + 64 })),
  ],
  [
    'whose spans start inside a cache line',
    /^SO2: a span starts at word/,
    withSpans((span) => ({ ...span, startWord: span.startWord + 2 })),
  ],
  [
    'without an end',
    /^SO7: neither events nor an end/,
    changed(memorySource(SOURCE), () => ({ next: () => 'idle' })),
  ],
  [
    'that goes on after its end',
    /^SO7: next\(\) gives something after the end/,
    changed(memorySource(SOURCE), (lane) => {
      let hasEnded = false;
      return {
        next: (word) => {
          if (hasEnded) return 'idle';
          const span = lane.next(word);
          hasEnded = span === SOURCE_END;
          return span;
        },
      };
    }),
  ],
  [
    'that leaves out what a plan wants when it is pushed down',
    /^SO5: plan 0 pushed down, 1 lanes: connection .* has 0 events instead of/,
    {
      ...memorySource(SOURCE),
      openLane: (context) =>
        memorySource({ ...SOURCE, rounds: context.plans[0]?.length ? 0 : 12 }).openLane(context),
    },
  ],
];
for (const [title, rule, source] of BROKEN_SOURCES) {
  test(`a source ${title} is found`, async () => {
    const broken = await checkSource(source, { lanes: [1, 2], idleEndMs: 30 });
    assert.ok(
      broken.some((text) => rule.test(text)),
      broken.join('\n') || 'nothing was found',
    );
  });
}

function sink(change: Partial<SinkWriter> & { onWrite?: (input: unknown) => void } = {}): Sink {
  const { onWrite, ...members } = change;
  return {
    name: 'counting',
    accepts: 'both',
    open: () => {
      let given = 0;
      const writer: SinkWriter = {
        write: (input) => {
          given += typeof input === 'object' && input !== null && 'raw' in input ? 8 : 1;
          onWrite?.(input);
        },
        flush: () => {},
        close: () => ({}),
        get acknowledged() {
          return given;
        },
        failed: 0,
      };
      return Object.defineProperties(writer, Object.getOwnPropertyDescriptors(members));
    },
  };
}

/** Drops its books when it is told that its output is not complete. */
function forgetfulSink(): Sink {
  const counting = sink();
  return {
    ...counting,
    open: async (context) => {
      const writer = await counting.open(context);
      const forget = { acknowledged: { value: 0, configurable: true } };
      return Object.defineProperties(writer, {
        close: {
          value: (outcome?: { isComplete: boolean }) => {
            if (outcome?.isComplete === false) Object.defineProperties(writer, forget);
            return {};
          },
        },
      });
    },
  };
}

test('a sink that counts what it is given keeps its contract', async () => {
  assert.deepEqual(await checkSink(sink()), []);
  assert.deepEqual(await checkSink({ ...sink(), accepts: 'batches' }), []);
  assert.deepEqual(await checkSink({ ...sink(), accepts: 'values' }, { values: [1, 'x'] }), []);
});

const held: Batch[] = [];
const BROKEN_SINKS: readonly (readonly [string, RegExp, Sink])[] = [
  [
    'that accounts for less',
    /^SI3: after flush acknowledged 0 \+ failed 0, but \d+ given/,
    sink({ acknowledged: 0 }),
  ],
  [
    'that accounts for more',
    /^SI2: 500 accounted for, but only 8 given/,
    sink({ acknowledged: 500 }),
  ],
  [
    'that was given nothing and acknowledges it',
    /^SI5: after flush acknowledged 1/,
    sink({ acknowledged: 1 }),
  ],
  [
    'that cannot close',
    /^SI1: Error: stuck/,
    sink({ close: () => Promise.reject(new Error('stuck')) }),
  ],
  [
    'that loses what it was given where the run has failed',
    /^SI6: after close acknowledged 0 \+ failed 0, but \d+ given/,
    forgetfulSink(),
  ],
  [
    'that writes into its batch',
    /^SI4: write changed the memory/,
    sink({ onWrite: (input) => isBatch(input) && input.raw.memory.u8.fill(7, 100, 101) }),
  ],
  [
    'that reads a batch after its write',
    /^SI1: .*ERR_SOCKFLOW_STALE_VIEW|^SI1: .*after|^SI1: .*over/,
    sink({
      onWrite: (input) => isBatch(input) && held.push(input),
      flush: () => {
        for (const batch of held) batch.toObjects();
      },
    }),
  ],
];
for (const [title, rule, broken] of BROKEN_SINKS) {
  test(`a sink ${title} is found`, async () => {
    const found = await checkSink(broken);
    assert.ok(
      found.some((text) => rule.test(text)),
      found.join('\n') || 'nothing was found',
    );
  });
}
