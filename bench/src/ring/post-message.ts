import { type Baseline, compareSides } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';
import { withClosers } from '../harness/with-closers.ts';
import { Feed } from './feed.ts';
import { MessageFeed, type MessageOrder } from './message-feed.ts';

/* Objects by message are slow: fewer events do. */
const FEW_EVENTS = 100_000;
const MANY_EVENTS = 1_000_000;
const SMOKE_SHARE = 1 / 10;
const READS = 'srttUs of every event; the other thread fills slots, or makes objects';

/** The message peers that send so many events at a time, of `events`. */
function peersOf(
  feed: MessageFeed,
  events: number,
  every: number,
  names: readonly Name[],
): Baseline[] {
  const sent = `Node.js ${process.version}: postMessage`;
  const peers: Readonly<
    Record<
      Name,
      Pick<Baseline, 'title' | 'kind'> & { readonly order: Omit<MessageOrder, 'events'> }
    >
  > = {
    transfer: {
      title: `${sent} of ${every} slots in an ArrayBuffer, transferred and sent back`,
      kind: 'peer',
      order: { how: 'buffers', every },
    },
    objects: {
      title: `${sent} of ${every} objects of 20 fields`,
      kind: 'peer',
      order: { how: 'objects', every },
    },
    object: {
      title: `${sent} of each event as an object of 20 fields (naive)`,
      kind: 'naive',
      order: { how: 'object', every: 1 },
    },
  };
  return names.map((name) => {
    const { title, kind, order } = peers[name];
    return { name, title, kind, run: () => feed.pass({ ...order, events }) };
  });
}

type Name = 'transfer' | 'objects' | 'object';

/**
 *   thread A: makes events ──► SAB ring | postMessage ──► thread B: sums a field of each
 */
export const postMessageCase: BenchCase = {
  suite: 'ring',
  name: 'post-message',
  says: 'events from thread to thread, against postMessage of transferred buffers and of objects',
  run: (bench) =>
    withClosers(async (onEnd) => {
      const share = bench.isSmoke ? SMOKE_SHARE : 1;
      const ring = new Feed();
      onEnd(() => ring.close());
      const messages = new MessageFeed();
      onEnd(() => messages.close());
      const compare = async (
        every: number,
        events: number,
        names: readonly Name[],
      ): Promise<void> => {
        const { results } = await compareSides({
          id: `ring/threads/messages-of-${every}`,
          reads: READS,
          units: events,
          unit: 'events/s',
          rounds: bench.rounds,
          ours: () => ring.pass(events, every),
          baselines: peersOf(messages, events, every, names),
        });
        for (const result of results) bench.result(result);
      };
      await compare(64, FEW_EVENTS * share, ['transfer', 'objects', 'object']);
      await compare(1024, MANY_EVENTS * share, ['transfer']);
    }),
};
