import { compareSides } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';
import { Feed } from './feed.ts';

const EVENTS = 1_000_000;
/* Objects by message are slow: fewer do. */
const FEW_EVENTS = 100_000;
const SMOKE_SHARE = 1 / 10;
const READS = 'srttUs of every event; slots are filled in the other thread';

/**
 *   thread A: fills slots ──► SAB ring ──► thread B: sums a field of each
 *
 * What publishing per 64 slots brings over publishing each, and what the ring brings over messages of 64 objects.
 */
export const betweenThreadsCase: BenchCase = {
  suite: 'ring',
  name: 'between-threads',
  says: 'slots from thread to thread, published each or by 64, against postMessage of objects',
  async run(bench) {
    const share = bench.isSmoke ? SMOKE_SHARE : 1;
    const feed = new Feed();
    const common = { reads: READS, unit: 'events/s', rounds: bench.rounds };
    const published = await compareSides({
      ...common,
      id: 'ring/threads/publish-per-64',
      units: EVENTS * share,
      ours: () => feed.fromRing(EVENTS * share, 64),
      baselines: [
        {
          name: 'publish-each',
          title: 'publish per slot',
          kind: 'self',
          run: () => feed.fromRing(EVENTS * share, 1),
        },
      ],
    });
    const sent = await compareSides({
      ...common,
      id: 'ring/threads/per-64',
      units: FEW_EVENTS * share,
      ours: () => feed.fromRing(FEW_EVENTS * share, 64),
      baselines: [
        {
          name: 'post-message',
          title: 'postMessage of 64 objects of 20 fields',
          kind: 'naive',
          run: () => feed.fromMessages(FEW_EVENTS * share, 64),
        },
      ],
    });
    await feed.close();
    for (const result of [...published.results, ...sent.results]) bench.result(result);
  },
};
