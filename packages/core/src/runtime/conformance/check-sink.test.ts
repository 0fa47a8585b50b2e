import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';

import type { Batch } from '../../batch/batch.ts';
import { isBatch } from '../../batch/is-batch.ts';
import type { Sink, SinkOutcome, SinkWriter } from '../../contracts/sink.ts';
import { checkSink, type CheckSinkOptions } from './check-sink.ts';

/** How a sink that keeps its contract is made one that does not. */
interface Lie {
  readonly onOpen?: () => void;
  readonly onWrite?: (input: unknown, lines: string[]) => Promise<void> | void;
  readonly onFlush?: () => void;
  readonly onClose?: (times: number, lines: string[], isComplete: boolean) => void;
  /** What is put down of an input, and counted; default: the time of each selected event. */
  readonly linesOf?: (input: unknown) => string[];
  readonly acknowledged?: number;
  readonly accepts?: Sink['accepts'];
  readonly forgetsFailures?: boolean;
}

/** Puts down the times of what it is given, a list a lane. */
class Lines {
  readonly lanes = new Map<number, string[]>();

  readonly readBack = async ({ lane }: { readonly lane: number }): Promise<string[]> =>
    this.lanes.get(lane) ?? [];

  sink(lie: Lie = {}): Sink {
    return {
      name: 'lines',
      accepts: lie.accepts ?? 'both',
      open: ({ lane }) => {
        const lines: string[] = [];
        this.lanes.set(lane, lines);
        lie.onOpen?.();
        return new LinesWriter(lines, lie);
      },
    };
  }
}

class LinesWriter implements SinkWriter {
  readonly #lines: string[];
  readonly #lie: Lie;
  readonly #counts: { acknowledged: number; failed: number };
  #closed: number;

  constructor(lines: string[], lie: Lie) {
    this.#lines = lines;
    this.#lie = lie;
    this.#counts = { acknowledged: 0, failed: 0 };
    this.#closed = 0;
  }

  get acknowledged(): number {
    return this.#lie.acknowledged ?? this.#counts.acknowledged;
  }

  get failed(): number {
    return this.#counts.failed;
  }

  write(input: unknown): Promise<void> | void {
    const count = isBatch(input) ? input.size : 1;
    try {
      const lines = (this.#lie.linesOf ?? timesOf)(input);
      this.#lines.push(...lines);
      this.#counts.acknowledged += count;
    } catch (error) {
      if (this.#lie.forgetsFailures !== true) this.#counts.failed += count;
      throw error;
    }
    return this.#lie.onWrite?.(input, this.#lines);
  }

  flush(): void {
    this.#lie.onFlush?.();
  }

  close({ isComplete }: SinkOutcome): object {
    this.#closed++;
    if (!isComplete && this.#lie.onClose === forget) this.#counts.acknowledged = 0;
    this.#lie.onClose?.(this.#closed, this.#lines, isComplete);
    return {};
  }
}

function forget(): void {}

function timesOf(input: unknown): string[] {
  if (!isBatch(input)) return [String((input as { tsNs: bigint }).tsNs)];
  const times: string[] = [];
  for (const event of input) times.push(String(event.tsNs));
  return times;
}

for (const accepts of ['both', 'batches', 'values'] as const) {
  test(`a sink of ${accepts} that puts down what it is given keeps its contract`, async () => {
    const lines = new Lines();
    const { readBack } = lines;
    const found = await checkSink(lines.sink({ accepts }), { readBack, maxHeldBytes: Infinity });
    assert.deepEqual(found, []);
  });
}

test('values of the caller are compared as they are', async () => {
  const lines = new Lines();
  const sink = lines.sink({ accepts: 'values', linesOf: (value) => [String(value)] });
  const options = { readBack: lines.readBack, values: [1, 'x'], maxHeldBytes: Infinity };
  // A text of what cannot be read cannot be made either.
  assert.deepEqual(await checkSink(sink, options), []);
});

test('a sink that asks for time holds nothing back', async () => {
  const later = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  assert.deepEqual(await checkSink(new Lines().sink({ linesOf: () => [], onWrite: later })), []);
});

const held: Batch[] = [];
const kept: unknown[] = [];
const queue: unknown[] = [];
const timers: NodeJS.Timeout[] = [];
const descriptors: number[] = [];
const KEEPS = { maxHeldBytes: Infinity } as const;
let isBroken = false;

const LIARS: readonly (readonly [string, RegExp, Lie, CheckSinkOptions?])[] = [
  [
    'that accounts for less',
    /^SI3: after flush acknowledged 0 \+ failed 0, but \d+ given/,
    { acknowledged: 0 },
  ],
  ['that accounts for more', /^SI2: 500 accounted for, but only \d+ given/, { acknowledged: 500 }],
  [
    'that was given nothing and acknowledges it',
    /^SI5: after flush acknowledged 1/,
    { acknowledged: 1 },
  ],
  [
    'that cannot close',
    /^SI1: Error: stuck/,
    {
      onClose: () => {
        throw new Error('stuck');
      },
    },
  ],
  [
    'that loses what it was given where the run has failed',
    /^SI6: after close acknowledged 0 \+ failed 0, but \d+ given/,
    { onClose: forget },
  ],
  [
    'that writes into its batch',
    /^SI4: write changed the memory/,
    { onWrite: (input) => void (isBatch(input) && input.raw.memory.u8.fill(7, 100, 101)) },
  ],
  [
    'that reads a batch after its write',
    /^SI1: .*ERR_SOCKFLOW_STALE_VIEW|^SI1: .*after|^SI1: .*over/,
    {
      onWrite: (input) => void (isBatch(input) && held.push(input)),
      onFlush: () => {
        for (const batch of held) batch.toObjects();
      },
    },
  ],
  [
    'that fails when it is closed a second time',
    /^SI7: closed a second time: Error: closed already/,
    {
      onClose: (times) => {
        if (times > 1) throw new Error('closed already');
      },
    },
  ],
  [
    'that ends its file twice',
    /^SI10: after a second close \d+ items lie there, \d+ were given: 1 more/,
    { onClose: (times, lines) => void (times > 1 && lines.push('end')) },
  ],
  [
    'that drops what it acknowledges',
    /^SI10: after flush \d+ items lie there, \d+ were given: other from item 12 on/,
    { onWrite: (_input, lines) => void (lines.length === 13 && lines.pop()) },
  ],
  [
    'that drops the last of it when it is closed',
    /^SI10: after close \d+ items lie there/,
    { onClose: (_times, lines) => void lines.pop() },
  ],
  [
    'that changes the order',
    /^SI10: after flush (\d+) items lie there, \1 were given: other from item 0 on/,
    { onWrite: (_input, lines) => void lines.unshift(lines.pop() ?? '') },
  ],
  [
    'that writes twice what it was given once',
    /^SI10: .* more|^SI10: .* other from/,
    { onWrite: (_input, lines) => void lines.push(lines.at(-1) ?? '') },
  ],
  [
    'that writes what a filter has dropped',
    /^SI10: after flush \d+ items lie there, \d+ were given/,
    { linesOf: allSlotsOf },
  ],
  [
    'that reads the memory of a batch after its write',
    /^SI10: after flush (\d+) items lie there, \1 were given/,
    { onWrite: readLater },
  ],
  [
    'that loses a value and tells nobody',
    /^SI8: after a value that could not be read acknowledged \d+ \+ failed 0/,
    { forgetsFailures: true },
    KEEPS,
  ],
  [
    'that does not see that its destination is gone',
    /^SI8: the destination broke, and neither write nor flush nor close told/,
    { linesOf: (input) => (isBroken ? [] : timesOf(input)) },
    { ...KEEPS, breaks: () => void (isBroken = true) },
  ],
  [
    'that takes everything at once and keeps it until it is flushed',
    /^SI9: holds \d+ bytes of \d+ events or values that it took at once, 4194304 may be/,
    {
      linesOf: () => [],
      onWrite: (input) => void queue.push(isBatch(input) ? input.toObjects() : input),
      onFlush: () => void (queue.length = 0),
    },
  ],
  [
    'that leaves a timer',
    /^SI11: 6 runs left \d+ Timeout that nobody closed/,
    { onOpen: () => void timers.push(setInterval(() => {}, 60_000).unref()) },
    KEEPS,
  ],
  [
    'that leaves a descriptor',
    /^SI11: 6 runs left \d+ descriptors/,
    { onOpen: () => void descriptors.push(openSync('/dev/null', 'r')) },
    KEEPS,
  ],
  [
    'that keeps what it was given for ever',
    /^SI11: 6 runs left \d+ bytes of memory/,
    {
      linesOf: () => [],
      onWrite: (input) => void (isBatch(input) && kept.push(input.raw.memory.u8.slice())),
    },
    { maxHeldBytes: 1e9 },
  ],
];

function allSlotsOf(input: unknown): string[] {
  if (!isBatch(input)) return timesOf(input);
  const { memory, words } = input.raw;
  const times: string[] = [];
  const lastWord = words[input.size - 1] ?? 0;
  for (let word = 0; word <= lastWord; word += 64) times.push(String(memory.big[word / 2 + 2]));
  return times;
}

/** Puts the times down a turn later, out of the memory. */
async function readLater(input: unknown, lines: string[]): Promise<void> {
  if (!isBatch(input)) return;
  const { memory } = input.raw;
  const words = [...input.raw.words.subarray(0, input.size)];
  lines.length -= words.length;
  await Promise.resolve();
  lines.push(...words.map((word) => String(memory.big[word / 2 + 2])));
}

for (const [title, rule, lie, options] of LIARS) {
  test(`a sink ${title} is found`, async (t) => {
    t.after(() => {
      for (const timer of timers.splice(0)) clearInterval(timer);
      for (const fd of descriptors.splice(0)) closeSync(fd);
      isBroken = false;
      kept.length = 0;
      held.length = 0;
    });
    const lines = new Lines();
    const isKept = lie.linesOf !== undefined && lie.linesOf !== allSlotsOf;
    const readBack = isKept ? {} : { readBack: lines.readBack };
    const found = await checkSink(lines.sink(lie), { ...readBack, ...options });
    assert.ok(
      found.some((text) => rule.test(text)),
      found.join('\n') || 'nothing was found',
    );
  });
}
