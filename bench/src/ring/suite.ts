import type { CaseResult } from '../harness/case-result.ts';
import { paired } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { Feed } from './feed.ts';

const EVENTS = 1_000_000;
/* Objects by message are slow: fewer do. */
const FEW_EVENTS = 100_000;

/**
 *   thread A: fills slots ──► SAB ring ──► thread B: sums a field of each
 *
 * What publishing per 64 slots brings over publishing each, and what the ring brings over messages of 64 objects.
 */
export async function ringSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const feed = new Feed();
  const shared = { unit: 'events/s', budget: undefined, rounds: options.rounds };
  report(
    await paired({
      ...shared,
      id: 'ring/publish-per-64',
      units: EVENTS,
      baseline: 'publish per slot',
      ours: () => feed.fromRing(EVENTS, 64),
      theirs: () => feed.fromRing(EVENTS, 1),
    }),
  );
  report(
    await paired({
      ...shared,
      id: 'ring/between-threads',
      units: FEW_EVENTS,
      baseline: 'postMessage of 64 objects of 20 fields (naive)',
      ours: () => feed.fromRing(FEW_EVENTS, 64),
      theirs: () => feed.fromMessages(FEW_EVENTS, 64),
    }),
  );
  await feed.close();
}
