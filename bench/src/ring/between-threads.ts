import { compareSides } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';
import { withClosers } from '../harness/with-closers.ts';
import { Feed } from './feed.ts';

const EVENTS = 1_000_000;
const SMOKE_SHARE = 1 / 10;

/**
 *   thread A: fills slots ──► SAB ring ──► thread B: sums a field of each
 *
 * What publishing per 64 slots brings over publishing each.
 */
export const betweenThreadsCase: BenchCase = {
  suite: 'ring',
  name: 'between-threads',
  says: 'slots from thread to thread, published by 64, against each',
  run: (bench) =>
    withClosers(async (onEnd) => {
      const events = EVENTS * (bench.isSmoke ? SMOKE_SHARE : 1);
      const feed = new Feed();
      onEnd(() => feed.close());
      const { results } = await compareSides({
        id: 'ring/threads/publish-per-64',
        reads: 'srttUs of every event; slots are filled in the other thread',
        unit: 'events/s',
        rounds: bench.rounds,
        units: events,
        ours: () => feed.pass(events, 64),
        baselines: [
          {
            name: 'publish-each',
            title: 'publish per slot',
            kind: 'self',
            run: () => feed.pass(events, 1),
          },
        ],
      });
      for (const result of results) bench.result(result);
    }),
};
