import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';

import { ringSource } from '../../contracts/ring-source.ts';
import type { LaneSource, OpenSource, Source } from '../../contracts/source.ts';
import { EventProducer } from '../../slot/ring/event-producer.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { memorySource, type MemorySourceOptions } from '../memory-source.test.helper.ts';
import { checkFailingSource } from './check-failing-source.ts';
import { checkSource } from './check-source.ts';

const SIZE = { connections: 5, rounds: 6, slotsPerSpan: 10 } as const;
const QUICK = { lanes: [1], plans: [], idleEndMs: 200 } as const;

interface Lie {
  readonly source?: MemorySourceOptions;
  readonly onOpen?: () => void;
  readonly lane?: (lane: LaneSource) => Partial<LaneSource>;
  readonly open?: (opened: OpenSource) => Partial<OpenSource>;
  readonly span?: (span: SlotSpan) => SlotSpan;
  readonly miscounts?: number;
}

/** A source that keeps its contract, but for the lie. */
function lying(lie: Lie): Source {
  const source = memorySource({ ...SIZE, ...lie.source });
  return {
    ...source,
    open: async (context) => {
      lie.onOpen?.();
      const opened = await source.open(context);
      return { ...opened, ...lie.open?.(opened) };
    },
    openLane: async (context) => {
      if (lie.miscounts !== undefined) context.counters.add('bytesRead', lie.miscounts);
      const lane = await source.openLane(context);
      const own = (): LaneSource => ({
        next: (word) => {
          const given = lane.next(word);
          return typeof given === 'string' ? given : (lie.span?.(given) ?? given);
        },
        wait: (timeoutMs) => lane.wait(timeoutMs),
        close: () => lane.close(),
      });
      return Object.assign(own(), lie.lane?.(own()));
    },
  };
}

/** An end that can be closed once only. */
function onceOnly(close: () => Promise<void>): () => Promise<void> {
  let isClosed = false;
  return async () => {
    if (isClosed) throw new Error('closed already');
    isClosed = true;
    await close();
  };
}

const kept: Uint8Array[] = [];
const timers: NodeJS.Timeout[] = [];
const descriptors: number[] = [];

function every(ms: number, act: () => void): void {
  timers.push(setInterval(act, ms).unref());
}

const LIARS: readonly (readonly [string, RegExp, Lie])[] = [
  [
    'whose end times are ahead of its events',
    /^SO11: an event of \d us comes after a span that ended at \d+ us/,
    { span: (span) => ({ ...span, endTimeUs: span.endTimeUs + 5 }) },
  ],
  [
    'whose end times go back',
    /^SO11: the end time went from \d us to -\d us/,
    { span: (span) => ({ ...span, endTimeUs: -span.endTimeUs }) },
  ],
  [
    'that fills what it gave while the lane is held back',
    /^SO12: a span changed while the lane was held back/,
    {
      span: (span) => {
        every(1, () => span.memory.u32.fill(7, span.startWord + 20, span.startWord + 21));
        return span;
      },
    },
  ],
  [
    'that reads ahead while the lane is held back',
    /^SO12: held back for \d+ ms it read \d+ bytes ahead/,
    { span: (span) => (every(1, () => kept.push(new Uint8Array(2 ** 20))), span) },
  ],
  [
    'whose lanes can be closed once only',
    /^SO13: a lane that is closed a second time: Error: closed already/,
    { lane: (lane) => ({ close: onceOnly(() => lane.close()) }) },
  ],
  [
    'that can be closed once only',
    /^SO13: the source, closed a second time: Error: closed already/,
    { open: (opened) => ({ close: onceOnly(() => opened.close()) }) },
  ],
  [
    'that cannot be closed while it waits',
    /^SO13: closed while it waits: Error: it waits/,
    {
      source: { idles: true },
      lane: (lane) => {
        let isWaiting = false;
        return {
          wait: async (timeoutMs) => {
            isWaiting = true;
            await lane.wait(timeoutMs);
            isWaiting = false;
          },
          close: () => (isWaiting ? Promise.reject(new Error('it waits')) : Promise.resolve()),
        };
      },
    },
  ],
  ['that counts down', /^SO6: bytesRead was counted up by -256/, { miscounts: -256 }],
  ['that counts by halves', /^SO6: bytesRead was counted up by 0.5/, { miscounts: 0.5 }],
  [
    'that leaves a timer',
    /^SO15: read 6 times it left \d+ Timeout that nobody closed/,
    { onOpen: () => every(60_000, () => {}) },
  ],
  [
    'that leaves a descriptor where it is cut short',
    /^SO15: cut 6 times it left \d+ descriptors/,
    {
      lane: (lane) => {
        const fd = openSync('/dev/null', 'r');
        descriptors.push(fd);
        return {
          next: (word) => {
            const given = lane.next(word);
            if (given === 'end' && descriptors.includes(fd)) {
              descriptors.splice(descriptors.indexOf(fd), 1);
              closeSync(fd);
            }
            return given;
          },
        };
      },
    },
  ],
  [
    'that keeps what it has read',
    /^SO15: read 6 times it left \d+ bytes of memory/,
    { onOpen: () => void kept.push(new Uint8Array(2 ** 18)) },
  ],
];

for (const [title, rule, lie] of LIARS) {
  test(`a source ${title} is found`, async (t) => {
    t.after(() => {
      for (const timer of timers.splice(0)) clearInterval(timer);
      for (const fd of descriptors.splice(0)) closeSync(fd);
      kept.length = 0;
    });
    const found = await checkSource(lying(lie), QUICK);
    assert.ok(
      found.some((text) => rule.test(text)),
      found.join('\n') || 'nothing was found',
    );
  });
}

test('a ring that is fed from elsewhere keeps the contract of sources', async () => {
  const source = ringSource({
    name: 'fed',
    capacityBytes: 65536,
    start: (rings) => {
      const producer = new EventProducer(rings);
      for (let event = 0; event < 60; event++) {
        const address = { family: 2, local_port: 1, remote_port: 65536, is_fullsock: 1, state: 1 };
        producer.put({ op: 12, ts_boot_ns: event * 1000, cookie: (event % 7) + 1, ...address });
      }
      return { origin: { id: 'fed' }, done: producer.end(1000), stop: () => {} };
    },
  });
  assert.deepEqual(await checkSource(source, { lanes: [1, 3] }), []);
});

test('a source that fails in its middle, and says so the same way each time, has nothing against it', async () => {
  assert.deepEqual(await checkFailingSource(memorySource({ ...SIZE, failsAtSpan: 1 })), []);
  const closeError = new Error('the recording is damaged');
  assert.deepEqual(await checkFailingSource(memorySource({ ...SIZE, closeError })), []);
  assert.deepEqual(await checkFailingSource(memorySource({ openError: new Error('gone') })), []);
});

let readings = 0;
const FAILING_LIARS: readonly (readonly [string, RegExp, Source])[] = [
  ['tells nobody', /^SO14: with 1 lanes it gave 30 events and no error/, memorySource(SIZE)],
  [
    'goes silent instead',
    /^SO14: neither events nor an end within 100 ms/,
    lying({ lane: () => ({ next: () => 'idle' }) }),
  ],
  [
    'gives another number of events each time',
    /^SO14: with 1 lanes Error: the disk is gone after \d+ events, and the second time/,
    {
      ...memorySource(SIZE),
      openLane: (context) =>
        memorySource({ ...SIZE, failsAtSpan: ++readings % 2 }).openLane(context),
    },
  ],
  [
    'cannot be closed then',
    /^SO14: after the error the source does not close within 100 ms/,
    lying({ source: { failsAtSpan: 1 }, open: () => ({ close: () => new Promise(() => {}) }) }),
  ],
];

for (const [title, rule, source] of FAILING_LIARS) {
  test(`a source that fails and ${title} is found`, async () => {
    const found = await checkFailingSource(source, { lanes: [1], failsWithinMs: 100 });
    assert.ok(
      found.some((text) => rule.test(text)),
      found.join('\n') || 'nothing was found',
    );
  });
}
