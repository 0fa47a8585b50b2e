import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LaneSource, OpenSource, Source } from '../../contracts/source.ts';
import { liveSource } from '../live-source.test.helper.ts';
import { memorySource } from '../memory-source.test.helper.ts';
import { checkLiveSource } from './check-live-source.ts';

const QUICK = { readMs: 30, endWithinMs: 10_000 } as const;
const IMPATIENT = { readMs: 30, endWithinMs: 60 } as const;

test('a live source that stops, settles and keeps its books has nothing against it', async () => {
  assert.deepEqual(await checkLiveSource(liveSource(), { ...QUICK, lanes: [1, 2, 3] }), []);
});

test('what it is to report is made while its lanes are being read', async () => {
  let produced = 0;
  const produce = (): void => {
    produced++;
  };
  assert.deepEqual(await checkLiveSource(liveSource(), { ...QUICK, produce }), []);
  assert.equal(produced, 2);
});

test('a live source that waits for its start is started once its lanes are open', async () => {
  assert.deepEqual(await checkLiveSource(liveSource({ waitsForStart: true }), QUICK), []);
});

function changedOpen(change: (opened: OpenSource) => Partial<OpenSource>): Source {
  const source = liveSource();
  return {
    ...source,
    open: async (context) => {
      const opened = await source.open(context);
      return { ...opened, ...change(opened) };
    },
  };
}

function changedLane(change: (lane: LaneSource) => Partial<LaneSource>): Source {
  const source = liveSource();
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

const ENDLESS = 'whose lanes go on for ever';
const BROKEN: readonly (readonly [string, RegExp, Source])[] = [
  [
    'that cannot be stopped',
    /^SO8: the opened source has no stop/,
    memorySource({ isEndless: true, idles: true }),
  ],
  ['whose stop fails', /^SO1: Error: it holds on/, liveSource({ stopError: 'it holds on' })],
  ['that cannot be closed', /^SO8: Error: it holds on/, liveSource({ closeError: 'it holds on' })],
  [
    ENDLESS,
    /^SO7: no end within 60 ms/,
    changedLane((lane) => ({
      next: () => {
        const span = lane.next();
        return span === 'end' ? 'idle' : span;
      },
    })),
  ],
  [
    'that reports nothing',
    /^SO7: with 1 lanes not one event was read/,
    liveSource({ endsAfter: 0 }),
  ],
  [
    'whose counts decrease',
    /^SO9: source, lane 0, class first: shed went/,
    liveSource({ decreases: 'shed' }),
  ],
  [
    'whose counts never settle',
    /^SO9: with 2 lanes the counts are not settled after stop/,
    liveSource({ forgets: 'settling' }),
  ],
  [
    'that forgets its counts at the end',
    /^SO9: the counts changed after they were settled/,
    changedOpen((opened) => {
      let isClosed = false;
      return {
        close: async () => {
          await opened.close();
          isClosed = true;
        },
        ledger: () => {
          const ledger = opened.ledger?.();
          if (ledger === undefined) throw new Error('no ledger');
          return isClosed ? { ...ledger, counts: [] } : ledger;
        },
      };
    }),
  ],
  [
    'that can be closed once only',
    /^SO13: the source, closed a second time: Error: closed already/,
    changedOpen((opened) => {
      let isClosed = false;
      return {
        close: async () => {
          if (isClosed) throw new Error('closed already');
          isClosed = true;
          await opened.close();
        },
      };
    }),
  ],
  [
    'that leaves its lanes as they are',
    /^SO15: cut 6 times it left \d+ Timeout that nobody closed/,
    changedLane(() => {
      setInterval(() => {}, 60_000).unref();
      return {};
    }),
  ],
  [
    'that miscounts',
    /^SO10: with 1 lanes, lane 0: K1, class first: seen 0/,
    liveSource({ forgets: 'seen' }),
  ],
  [
    'that submits less than it says',
    /^SO10: with 1 lanes, lane 0: K2, submitted \d+ ≠ read/,
    liveSource({ forgets: 'lost as submitted' }),
  ],
];
for (const [title, rule, source] of BROKEN) {
  test(`a live source ${title} is found`, async () => {
    const isEndless = title === ENDLESS;
    const broken = await checkLiveSource(source, isEndless ? IMPATIENT : QUICK);
    assert.ok(
      broken.some((text) => rule.test(text)),
      broken.join('\n') || 'nothing was found',
    );
  });
}
