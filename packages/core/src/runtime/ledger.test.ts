import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';

import type { Observable } from 'rxjs';
import { map, merge, Subject, take, takeUntil, tap } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { LANE_COUNTERS, OUTPUT_COUNTERS, SINK_COUNTERS } from '../contracts/ledger.ts';
import type { Sink, SinkWriter } from '../contracts/sink.ts';
import { filterOp } from '../operators/filter-op.ts';
import type { PipelineDefinition } from '../pipeline/pipeline-definition.ts';
import { Op } from '../schema/op.ts';
import { PublishedCounters, type CounterTable } from './lane-counters.ts';
import { Lane } from './lane.ts';
import { LedgerLayout } from './layout.ts';
import { findBrokenIdentity, ledgerBroken, type BrokenIdentity } from './ledger-identities.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { toLedgerSnapshot, type LedgerSnapshot } from './ledger.ts';
import { memorySource } from './memory-source.test.helper.ts';
import { readCounters } from './read-counters.ts';
import { ResultsSender } from './results-channel.ts';
import { StartLine } from './start-line.ts';

/** Half of what it is given it takes, the rest it fails to deliver: both counters of a sink move. */
function halfSink(name: string): Sink {
  return { name, accepts: 'both', open: () => new HalfWriter() };
}

class HalfWriter implements SinkWriter {
  #given = 0;

  get acknowledged(): number {
    return Math.ceil(this.#given / 2);
  }

  get failed(): number {
    return Math.floor(this.#given / 2);
  }

  write(input: unknown): void {
    this.#given += (input as Batch).size;
  }

  flush(): void {}

  close(): object {
    return {};
  }
}

const SHAPE = {
  outputs: [
    { name: 'all', sinks: ['a', 'b'] },
    { name: 'rtt', sinks: ['c'] },
  ],
};
const LAYOUT = new LedgerLayout(SHAPE);

/** A copy of the counters that leaves out what is added to one of them. */
class ForgetfulCounters implements CounterTable {
  readonly #table: CounterTable;
  readonly #forgotten: number;

  constructor(table: CounterTable, forgotten: number) {
    this.#table = table;
    this.#forgotten = forgotten;
  }

  add(index: number, amount: number): void {
    if (index !== this.#forgotten) this.#table.add(index, amount);
  }

  get(index: number): number {
    return this.#table.get(index);
  }

  publish(): void {
    this.#table.publish();
  }
}

interface LaneEnd {
  readonly ledger: LedgerSnapshot;
  readonly broken: BrokenIdentity | undefined;
}

async function runLane(
  layout: LedgerLayout,
  definition: PipelineDefinition,
  forgotten = -1,
): Promise<LaneEnd> {
  const control = new SharedArrayBuffer(layout.controlBytes);
  const counters = new PublishedCounters(control, layout.counterCount);
  const { port1, port2 } = new MessageChannel();
  const lane = new Lane({
    lane: 0,
    lanes: 1,
    definition,
    laneData: undefined,
    views: 'checked',
    layout,
    control,
    counters: new ForgetfulCounters(counters, forgotten),
    results: new ResultsSender(port2, control),
    startLine: new StartLine(StartLine.allocate(1)),
    collectors: [],
  });
  const { failure, isSourceExhausted } = await lane.run();
  port1.close();
  assert.equal(failure, undefined);
  const counts = new Float64Array(layout.counterCount);
  assert.equal(readCounters(control, counts), true);
  const ledger = toLedgerSnapshot(layout, [counts]);
  const broken = findBrokenIdentity(ledger, {
    exhaustedLanes: [isSourceExhausted],
    holdsTotal: true,
    isSourceClosed: true,
    areSinksClosed: true,
    isPlanOnly: layout.shape.outputs.map(() => true),
  });
  return { ledger, broken };
}

function bothOutputs(): PipelineDefinition {
  return {
    source: memorySource({ connections: 6, rounds: 20, hasMarkers: true, isShared: true }),
    events: (batches) => ({ all: batches, rtt: batches.pipe(filterOp(Op.RTT_CB)) }),
    sinks: { all: [halfSink('a'), halfSink('b')], rtt: [halfSink('c')] },
  };
}

function oneOutput(events: (batches: Observable<Batch>) => Observable<unknown>): Promise<LaneEnd> {
  return runLane(new LedgerLayout({ outputs: [{ name: 'events', sinks: [] }] }), {
    source: memorySource({ connections: 6, rounds: 20 }),
    events,
    sinks: [],
  });
}

test('the identities hold where nothing is left out, and the counts are what happened', async () => {
  const { ledger, broken } = await runLane(LAYOUT, bothOutputs());
  assert.equal(broken, undefined);
  const { outputs, ...lane } = ledger.total;
  assert.deepEqual(lane, {
    recorded: 120,
    read: 118,
    skipped: 1,
    bad: 1,
    otherLanes: 0,
    markers: 2,
    bytesRead: 121 * 256,
  });
  assert.deepEqual(outputs, [
    {
      output: 'all',
      due: 118,
      in: 118,
      filtered: 0,
      out: 118,
      sinks: [
        { sink: 'a', given: 118, acknowledged: 59, failed: 59, spooled: 0 },
        { sink: 'b', given: 118, acknowledged: 59, failed: 59, spooled: 0 },
      ],
    },
    {
      output: 'rtt',
      due: 118,
      in: 118,
      filtered: 78,
      out: 40,
      sinks: [{ sink: 'c', given: 40, acknowledged: 20, failed: 20, spooled: 0 }],
    },
  ]);
});

const COUNTERS_IN_IDENTITIES: readonly (readonly [string, number])[] = [
  // In no identity here: they tell of work and bytes; markers count in K2 of live sources, `spooled` is how events went. The test above holds them to their values.
  ...LANE_COUNTERS.filter(
    (counter) => counter !== 'otherLanes' && counter !== 'markers' && counter !== 'bytesRead',
  ).map((counter) => [counter, LAYOUT.laneIndex(counter)] as const),
  ...SHAPE.outputs.flatMap(({ name, sinks }, output) => [
    ...OUTPUT_COUNTERS.filter((counter) => counter !== 'filtered' || name !== 'all').map(
      (counter) => [`${name}: ${counter}`, LAYOUT.outputIndex(output, counter)] as const,
    ),
    ...sinks.flatMap((sinkName, sink) =>
      SINK_COUNTERS.filter((counter) => counter !== 'spooled').map(
        (counter) =>
          [`${name}, ${sinkName}: ${counter}`, LAYOUT.sinkIndex(output, sink, counter)] as const,
      ),
    ),
  ]),
];
for (const [name, index] of COUNTERS_IN_IDENTITIES) {
  test(`leaving out the counter "${name}" breaks an identity`, async () => {
    const { broken, ledger } = await runLane(LAYOUT, bothOutputs(), index);
    assert.ok(broken !== undefined);
    const error = ledgerBroken(broken, ledger);
    assert.equal(error.code, 'ERR_SOCKFLOW_LEDGER_BROKEN');
    assert.match(error.message, /: L[1-4], .*\d+ (?:≠|<) /);
  });
}

test('an output that subscribes twice is due every event twice', async () => {
  const { ledger, broken } = await oneOutput((batches) =>
    merge(batches.pipe(filterOp(Op.RTT_CB)), batches.pipe(filterOp(Op.STATE_CB))),
  );
  assert.equal(broken, undefined);
  assert.deepEqual([ledger.total.outputs[0]?.due, ledger.total.outputs[0]?.in], [240, 240]);
});

test('an output that leaves early, or is made to leave by another, is due only what was read until then', async () => {
  for (const order of ['leaver first', 'leaver last']) {
    const { ledger, broken } = await oneOutput((batches) => {
      const stop = new Subject<void>();
      const counted = batches.pipe(take(5), tap({ complete: () => stop.next() }));
      const leaver = batches.pipe(takeUntil(stop));
      const all = batches.pipe(map((batch) => batch.size));
      return order === 'leaver first' ? merge(leaver, counted, all) : merge(all, counted, leaver);
    });
    assert.equal(broken, undefined);
    assert.equal(ledger.total.read, 120);
    // 7.5 spans of 16; the one that left second was passed over in the fifth.
    const leaverSpans = order === 'leaver first' ? 5 : 4;
    assert.equal(ledger.total.outputs[0]?.due, 120 + (5 + leaverSpans) * 16);
  }
});

test('an output without any subscription to the batches is due nothing, and the events are still accounted for', async () => {
  const never = new Subject<unknown>();
  const { ledger, broken } = await oneOutput((batches) => {
    batches.subscribe({ complete: () => never.complete() });
    return never;
  });
  assert.equal(broken, undefined);
  assert.equal(ledger.total.read, 120);
  assert.equal(ledger.total.outputs[0]?.due, 0);
});

test('a counter that goes back is noticed while the run goes on', () => {
  const layout = new LedgerLayout({ outputs: [{ name: 'events', sinks: ['s'] }] });
  const at = (read: number, given: number): LedgerSnapshot => {
    const counts = new Float64Array(layout.counterCount);
    for (const counter of ['due', 'in', 'out'] as const)
      counts[layout.outputIndex(0, counter)] = read;
    counts[layout.laneIndex('read')] = read;
    counts[layout.sinkIndex(0, 0, 'given')] = given;
    return toLedgerSnapshot(layout, [counts]);
  };
  const watch = new LedgerWatch([false]);
  assert.equal(watch.look(at(5, 5)), undefined);
  assert.equal(watch.look(at(7, 6)), undefined);
  assert.match(watch.look(at(8, 4))?.text ?? '', /output events, sink s: given went from 6 to 4/);
  assert.equal(watch.look(at(9, 9))?.id, 'L0c');
});
