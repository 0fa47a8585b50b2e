import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SOURCE_END, SOURCE_IDLE, type LaneSource, type Source } from '../../contracts/source.ts';
import { memorySource } from '../memory-source.test.helper.ts';
import { checkCommittingSource } from './check-committing-source.ts';

const SOURCE = { connections: 9, rounds: 12, slotsPerSpan: 5 } as const;
const EVENTS = 108;

type Lie = 'commits what it gives' | 'commits one too many' | 'commits nothing' | 'throws';

interface Committing {
  readonly lie?: Lie;
  /** Ends only when it is stopped. */
  readonly isLive?: boolean;
  readonly hasNoEnd?: boolean;
}

/** The memory source, going on at the span after those that were committed when it was closed. */
function committing({ lie, isLive = false, hasNoEnd = false }: Committing = {}): Source {
  const source = memorySource(SOURCE);
  const committed = new Map<number, number>();
  let hasStopped = false;
  return {
    ...source,
    open: async (context) => {
      hasStopped = false;
      const stop = async (): Promise<void> => {
        hasStopped = true;
      };
      return { ...(await source.open(context)), ...(isLive ? { stop } : {}) };
    },
    openLane: async (context) => {
      const lane = await source.openLane(context);
      const start = committed.get(context.lane) ?? 0;
      for (let span = 0; span < start; span++) lane.next();
      let [given, acknowledged] = [0, 0];
      const own: LaneSource = {
        next: () => {
          const span = lane.next();
          if (span === SOURCE_END) return isLive && (!hasStopped || hasNoEnd) ? SOURCE_IDLE : span;
          given++;
          return span;
        },
        wait: (timeoutMs) => lane.wait(timeoutMs),
        acknowledge: (spans) => {
          if (lie === 'throws') throw new Error('no such group');
          acknowledged = spans;
        },
        close: async () => {
          const extra = lie === 'commits one too many' ? 1 : 0;
          const spans =
            lie === 'commits what it gives' ? given : Math.min(given, acknowledged + extra);
          if (lie !== 'commits nothing') committed.set(context.lane, start + spans);
          await lane.close();
        },
      };
      return own;
    },
  };
}

const OPTIONS = { events: EVENTS, idleEndMs: 50 };

for (const lanes of [1, 3]) {
  test(`a source that commits what it was told of keeps its contract: ${lanes} lanes`, async () => {
    assert.deepEqual(await checkCommittingSource(committing(), { ...OPTIONS, lanes }), []);
    const live = committing({ isLive: true });
    assert.deepEqual(await checkCommittingSource(live, { ...OPTIONS, lanes }), []);
  });
}

for (const [lie, rule] of [
  [
    'commits what it gives',
    /^SO16: after a reading that acknowledged nothing it left out 108 events/,
  ],
  ['commits one too many', /^SO16: .* it left out \d events/],
  ['commits nothing', /^SO17: after a reading that acknowledged all it gave 108 events again/],
  ['throws', /^SO18: .* it throws Error: no such group/],
] as const) {
  test(`finds a source that ${lie}`, async () => {
    const broken = await checkCommittingSource(committing({ lie }), OPTIONS);
    assert.match(broken.join('\n'), rule);
  });
}

test('finds a source that has nothing, and a lane without an end', async () => {
  const empty = memorySource({ ...SOURCE, rounds: 0 });
  assert.match(
    (await checkCommittingSource(empty, OPTIONS)).join(),
    /^SO16: it gave no event at all/,
  );
  const endless = committing({ isLive: true, hasNoEnd: true });
  assert.match((await checkCommittingSource(endless, OPTIONS)).join(), /^SO18: a lane has no end/);
});
