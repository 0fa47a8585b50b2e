import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { Op, type SourceCounts, type SourceLedger } from '@sockflow/core';
import { requireKernel, TestCgroup, useTempDir } from '@sockflow/test-support';

import { assertGone, objectsOf } from './kernel-objects.ts';
import { LiveRun, type LiveSummary } from './live-run.ts';
import {
  readRecordedLane,
  readStreamLog,
  STREAM_LOG_HEAD,
  type StreamItem,
  writeStreamLog,
} from './stream-log.ts';
import { Traffic } from './traffic.ts';
import { type CallbackCounts, Witness } from './witness.ts';

/* A flood from both cores into rings of 16 slots that are read slowly: most of it is lost, and all of it must be accounted for. */

const CONNECTIONS = 6_000;
const ROUND_TRIPS = 40_000;
const BATCH_MS = 3;
/** How far two CPUs' events may be apart from their order in the ring: a virtual machine stops a CPU between two instructions. */
const DISORDER_NS = 200_000_000n;
const LOSES_MOST_RATIO = 0.5;
/** Besides every op after RTT_CB. */
const SHED_FIRST: ReadonlySet<number> = new Set([
  Op.TIMEOUT_INIT,
  Op.RWND_INIT,
  Op.NEEDS_ECN,
  Op.BASE_RTT,
  Op.RTT_CB,
]);

interface Flood {
  readonly rtt: 'raw' | 'folded';
  readonly lanes: number;
  readonly memory: 'mapped' | 'copied';
}

const FLOODS: readonly Flood[] = [
  { rtt: 'raw', lanes: 1, memory: 'mapped' },
  { rtt: 'raw', lanes: 2, memory: 'copied' },
  { rtt: 'folded', lanes: 1, memory: 'copied' },
  { rtt: 'folded', lanes: 2, memory: 'mapped' },
];

interface Flooded {
  readonly source: SourceLedger;
  readonly summary: LiveSummary;
  /** What a program of somebody else counted on the same cgroup. */
  readonly callbacks: CallbackCounts;
  readonly streams: readonly (readonly StreamItem[])[];
  readonly recorded: readonly (readonly StreamItem[])[];
}

for (const flood of FLOODS) {
  test(`a flood with ${flood.rtt} RTT in ${flood.lanes} lane(s) with ${flood.memory} rings is accounted for to the unit, in the ledger, the stream and the recording`, async (t) => {
    if (!requireKernel(t, { tools: ['bpftool', 'clang', 'gcc'] })) return;
    const flooded = await runFlood(t, flood);
    assertEveryFate(flooded.source, flood);
    assertIdentities(flooded);
    assertIndependentCount(flooded);
    assertLossesTold(flooded);
    assertSamplesTold(flooded, flood);
    for (const lane of flooded.streams.keys()) assertPlaces(flooded.streams[lane] ?? []);
  });
}

async function runFlood(t: TestContext, { rtt, lanes, memory }: Flood): Promise<Flooded> {
  const cgroup = TestCgroup.use(t);
  const dir = useTempDir(t);
  writeStreamLog(dir);
  const witness = await Witness.start(t, cgroup.path, ['count']);
  const ops = Object.values(Op).filter(
    (op) => op !== Op.VOID && (rtt === 'raw' || op !== Op.RTT_CB),
  );
  const interval = rtt === 'folded' ? { rttIntervalMs: 1 } : {};
  const live = await LiveRun.start(
    t,
    {
      bpf: { cgroup: cgroup.path, ops, rtt, ...interval, ringBytes: 4096, memory, existing: 'off' },
      lanes,
      head: STREAM_LOG_HEAD,
      sinks: `[streamLog({ batchMs: ${BATCH_MS} }), file('out.sfrec')]`,
    },
    { dir },
  );
  const objects = objectsOf(live.pid);
  const traffic = await Traffic.start(t, cgroup.path);
  const other = await Traffic.start(t, cgroup.path);
  await Promise.all([traffic.churn(CONNECTIONS), other.pingPong(2, ROUND_TRIPS)]);
  await Promise.all([traffic.end(), other.end()]);
  const end = await live.stop();
  const callbacks = await witness.counts();
  assert.equal(end.status, 130, end.stderr);
  await assertGone(objects);
  const { summary } = end;
  const source = summary?.ledger.source;
  assert.ok(summary !== undefined && source !== undefined, end.stdout);
  const all = Array.from({ length: lanes }, (_, lane) => lane);
  return {
    source,
    summary,
    callbacks,
    streams: all.map((lane) => readStreamLog(dir, lane)),
    recorded: all.map((lane) => readRecordedLane(join(dir, 'out.sfrec'), lane, lanes)),
  };
}

/** The flood is one: in both classes events are shed, lost and submitted, and more are lost than delivered. */
function assertEveryFate({ counts }: SourceLedger, { rtt, lanes }: Flood): void {
  assert.deepEqual(
    counts.map(({ lane, class: name }) => `${lane} ${name}`).toSorted(),
    Array.from({ length: lanes }, (_, lane) => [`${lane} first`, `${lane} last`]).flat(),
  );
  for (const name of ['first', 'last']) {
    const own = counts.filter((count) => count.class === name);
    for (const fate of ['seen', 'shed', 'submitted'] as const) {
      assert.ok(sum(own, fate) > 0, `${name}: ${fate}\n${JSON.stringify(counts)}`);
    }
  }
  assert.ok(sum(counts, 'lost') > 0, JSON.stringify(counts));
  assert.equal(sum(counts, 'folded') > 0, rtt === 'folded');
  const gone = sum(counts, 'shed') + sum(counts, 'lost');
  assert.ok(gone > sum(counts, 'submitted') * LOSES_MOST_RATIO, JSON.stringify(counts));
}

/** K1 for each lane and class, K2 for each lane; the run checks both too, and these are computed from its numbers once more. */
function assertIdentities({ source, summary }: Flooded): void {
  assert.equal(source.isSettled, true);
  for (const counts of source.counts) {
    const { seen, made, submitted, notAskedFor, filtered, folded, shed, lost } = counts;
    assert.equal(
      seen + made,
      submitted + notAskedFor + filtered + folded + shed + lost,
      `K1: ${JSON.stringify(counts)}`,
    );
  }
  for (const [lane, { read, markers, bad, skipped }] of summary.ledger.lanes.entries()) {
    const own = source.counts.filter((counts) => counts.lane === lane);
    assert.equal(sum(own, 'submitted'), read + markers, `K2: lane ${lane}`);
    assert.deepEqual([bad, skipped], [0, 0]);
  }
  const made = Object.values(source.madeByKind).reduce((total, count) => total + count, 0);
  assert.equal(made, sum(source.counts, 'made'));
}

/** What Sockflow says it has seen is what somebody else has seen, class by class. */
function assertIndependentCount({ source, callbacks }: Flooded): void {
  let first = 0;
  let last = 0;
  for (const [op, count] of callbacks.full.entries()) {
    if (SHED_FIRST.has(op) || op > Op.RTT_CB) first += count;
    else last += count;
  }
  // What a request socket is asked tells of a handshake.
  for (const [op, count] of callbacks.request.entries()) {
    if (op > Op.RTT_CB) first += count;
    else last += count;
  }
  const seen = (name: string) =>
    sum(
      source.counts.filter((counts) => counts.class === name),
      'seen',
    );
  const connections = callbacks.full[Op.TCP_CONNECT_CB] ?? 0;
  assert.equal(connections, CONNECTIONS + 2);
  assert.equal(
    seen('first') + seen('last'),
    first + last,
    `seen and counted\n${JSON.stringify({ counts: source.counts, callbacks })}`,
  );
  assert.deepEqual({ first: seen('first'), last: seen('last') }, { first, last });
}

/** B4: what the markers say, in the stream and in the recording, is what was lost; the recording has what the stream had, in its order. */
function assertLossesTold({ source, streams, recorded }: Flooded): void {
  for (const [lane, stream] of streams.entries()) {
    assert.deepEqual(recorded[lane], stream, `lane ${lane}: recorded as it came`);
    const own = source.counts.filter((counts) => counts.lane === lane);
    const first = own.filter((counts) => counts.class === 'first');
    const last = own.filter((counts) => counts.class === 'last');
    const losses = stream.filter((item) => item.what === 'loss');
    const told = (key: 'ringFull' | 'shedFirst' | 'shedLast') =>
      losses.reduce((total, loss) => total + loss[key], 0);
    assert.deepEqual(
      { ringFull: told('ringFull'), shedFirst: told('shedFirst'), shedLast: told('shedLast') },
      { ringFull: sum(own, 'lost'), shedFirst: sum(first, 'shed'), shedLast: sum(last, 'shed') },
      `B4: lane ${lane}`,
    );
  }
}

/** B7, as far as it shows outside: what summaries that came along tell of is at most what was folded, and all of it where no summary was lost. */
function assertSamplesTold({ source, streams, callbacks }: Flooded, { rtt }: Flood): void {
  if (rtt === 'raw') return;
  const folded = sum(source.counts, 'folded');
  assert.equal(folded, callbacks.full[Op.RTT_CB], 'each sample is folded');
  const summaries = streams.flat().filter((item) => item.what === 'event' && item.rttCount > 0);
  const told = summaries.reduce(
    (total, item) => total + (item.what === 'event' ? item.rttCount : 0),
    0,
  );
  assert.ok(told > 0 && told <= folded, `${told} samples told of ${folded}`);
  assert.equal(told, source.notes['samplesTold'], 'summaries that were submitted came along');
}

/** B5: each loss lies between the events around it in time. */
function assertPlaces(stream: readonly StreamItem[]): void {
  let latestNs = 0n;
  let losses = 0;
  for (const item of stream) {
    const startNs = item.what === 'loss' ? item.gapStartNs : item.tsNs;
    assert.ok(startNs > latestNs - DISORDER_NS, `${startNs} comes after ${latestNs}`);
    if (item.what === 'loss') {
      losses++;
      assert.ok(
        item.gapStartNs > 0n && item.gapStartNs <= item.tsNs,
        'a gap starts before it ends',
      );
    }
    if (item.tsNs > latestNs) latestNs = item.tsNs;
  }
  assert.ok(losses > 0, 'there were losses');
}

function sum(counts: readonly SourceCounts[], fate: keyof SourceCounts): number {
  return counts.reduce((total, own) => total + Number(own[fate]), 0);
}
