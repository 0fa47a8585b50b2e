import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SOURCE_END, type LaneSource, type Source } from '../../contracts/source.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { memorySource } from '../memory-source.test.helper.ts';
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
