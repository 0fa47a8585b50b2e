import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LaneCounts, RunOutcome, RunSummary, SourceCounts } from '@sockflow/core';

import { MemoryOutput } from './memory-terminal.test.support.ts';
import { writeRunSummary } from './run-summary-text.ts';

function laneCounts(read: number, out: number): LaneCounts {
  const sink = { sink: 'file(out.ndjson)', given: out, acknowledged: out, failed: 0, spooled: 0 };
  const output = { output: 'events', due: read, in: read, filtered: read - out, out };
  return {
    recorded: read,
    read,
    skipped: 0,
    bad: 0,
    otherLanes: 0,
    markers: 0,
    bytesRead: 1,
    outputs: [{ ...output, sinks: [sink] }],
  };
}

function summaryOf(lanes: number, outcome: RunOutcome = 'completed'): RunSummary {
  return {
    outcome,
    source: 'replay(x.sfrec)',
    lanes,
    durationMs: 4000,
    ledger: {
      total: laneCounts(1200 * lanes, 34 * lanes),
      lanes: Array.from({ length: lanes }, () => laneCounts(1200, 34)),
      source: undefined,
    },
    leftInRings: 0,
    sinks: [],
    emitted: 0,
    warnings: [],
  };
}

function told(summary: Parameters<typeof writeRunSummary>[1], isVerbose = false): string {
  const output = new MemoryOutput();
  writeRunSummary(output.terminal, summary, isVerbose);
  return output.text;
}

const NO_COUNTS = {
  seen: 0,
  made: 0,
  submitted: 0,
  notAskedFor: 0,
  filtered: 0,
  folded: 0,
  shed: 0,
  lost: 0,
};

/** As a busy kernel source of two lanes: 7-digit counts, every fate in the first class of lane 0. */
function liveSummary(own: Partial<SourceCounts> = {}): RunSummary {
  const first = { ...NO_COUNTS, lane: 0, class: 'first', seen: 8_000_000, notAskedFor: 2_000_000 };
  const last = { ...NO_COUNTS, class: 'last', seen: 1200, made: 40, submitted: 1240 };
  const stopped = summaryOf(2, 'stopped');
  return {
    ...stopped,
    source: 'bpf(/sys/fs/cgroup/unified)',
    ledger: {
      ...stopped.ledger,
      source: {
        counts: [
          { ...first, filtered: 1_000_000, folded: 3_000_000, submitted: 2_000_000, ...own },
          { ...last, lane: 0 },
          { ...last, lane: 1 },
          { ...NO_COUNTS, lane: 1, class: 'first' },
        ],
        madeByKind: { LOSS_MARKER: 0, CLOCK_ANCHOR: 80 },
        notes: { flagsClobbered: 3, wakeups: 0 },
        isSettled: true,
      },
    },
  };
}

test('one lane has one row, with what was read, filtered and delivered', () => {
  const text = told(summaryOf(1));
  assert.match(text, /^replay\(x\.sfrec\): 1,200 events in 4\.00 s, 300 events\/s$/m);
  assert.match(text, /^ {2}0 +1,200 +0 +0 +1,166 +34 +file\(out\.ndjson\) +34 +0$/m);
  assert.doesNotMatch(text, /all/);
});

test('several lanes have a row each and one for all', () => {
  const text = told(summaryOf(2));
  for (const lane of ['0', '1', 'all 2']) assert.match(text, new RegExp(`^  ${lane} +\\d`, 'm'));
  assert.match(text, /^ {2}all 2 +2,400/m);
});

test('very many lanes are only summed up', () => {
  const text = told(summaryOf(64));
  assert.doesNotMatch(text, /^ {2}0 /m);
  assert.match(text, /^ {2}all 64 +76,800/m);
});

test('how a run ended is said', () => {
  assert.match(told(summaryOf(1, 'stopped')), /stopped after 1,200 events, all of them delivered/);
  assert.match(told(summaryOf(1, 'aborted')), /what the sinks had not written is lost/);
  assert.match(told(summaryOf(1, 'failed')), /failed after 1,200 events/);
  assert.match(told({ ...summaryOf(1), outcome: 'damaged' }), /1,200 events of what is whole/);
});

test('where output lies is told, the standard output apart', () => {
  const sink = {
    lane: 0,
    output: 'events',
    sink: 'x',
    given: 1,
    acknowledged: 1,
    failed: 0,
    spooled: 0,
  };
  const text = told({
    ...summaryOf(1),
    sinks: [
      { ...sink, location: 'out.0.ndjson', bytesWritten: 2048 },
      { ...sink, location: 'standard output', bytesWritten: 7 },
    ],
    warnings: ['this was not meant'],
  });
  assert.match(text, /^ {2}wrote out\.0\.ndjson \(2\.00 KiB\)$/m);
  assert.doesNotMatch(text, /standard output/);
  assert.match(text, /^warning this was not meant$/m);
});

test('what a live source counted is told as the identity of each class, without what is zero', () => {
  const text = told(liveSummary());
  assert.match(text, /^bpf\(.*\): stopped after 2,400 events, all of them delivered in 4\.00 s/m);
  assert.match(text, /^ {2}source, last: seen 2,400 \+ made 80 = submitted 2,480$/m);
  const wrapped = text.replaceAll(/\n {4}/g, ' ');
  assert.match(
    wrapped,
    /^ {2}source, first: seen 8,000,000 = submitted 2,000,000 \+ not asked for 2,000,000 \+ filtered 1,000,000 \+ folded 3,000,000$/m,
  );
  assert.doesNotMatch(text, /lost|shed|lane 0|CLOCK_ANCHOR/);
});

test('with more words each lane is told, and what the source noted', () => {
  const text = told(liveSummary(), true);
  assert.match(text, /^ {2}lane 1, last: seen 1,200 \+ made 40 = submitted 1,240$/m);
  assert.doesNotMatch(text, /lane 1, first/);
  assert.match(text, /^ {2}made by kind: CLOCK_ANCHOR 80$/m);
  assert.match(text, /^ {2}noted: flagsClobbered 3$/m);
});

test('what was lost and shed stands in the first line, what is left unread in its own, all within 80 columns', () => {
  const text = told({
    ...liveSummary({ submitted: 1_990_000, lost: 7000, shed: 3000 }),
    leftInRings: 52,
  });
  assert.match(text, /^bpf\(.*\): stopped .* delivered, 7,000 lost, 3,000 shed in 4\.00 s/m);
  assert.match(text.replaceAll(/\n {4}/g, ' '), /folded 3,000,000 \+ shed 3,000 \+ lost 7,000$/m);
  assert.match(text, /^ {2}left in the rings: 52 slots, unread$/m);
  const lines = text.split('\n').slice(1);
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
});

test('a source that has notes only tells them, also those of 0', () => {
  const { ledger, ...rest } = summaryOf(1);
  const source = { counts: [], madeByKind: {}, notes: { lag: 0, skipped: 1200 }, isSettled: true };
  assert.match(
    told({ ...rest, ledger: { ...ledger, source } }),
    /^ {2}source: lag 0, skipped 1,200$/m,
  );
});

test('what went by way of a spool is told of its sink, and nothing of others', () => {
  const { ledger, ...rest } = summaryOf(1);
  assert.doesNotMatch(told({ ...rest, ledger }), /spool/);
  const [output] = ledger.total.outputs.map((own) => ({
    ...own,
    sinks: own.sinks.map((sink) => ({
      ...sink,
      sink: 'kafka(events)',
      given: 5000,
      spooled: 1200,
    })),
  }));
  const total = { ...ledger.total, outputs: output === undefined ? [] : [output] };
  assert.match(
    told({ ...rest, ledger: { ...ledger, total } }),
    /^ {2}kafka\(events\) took 1,200 of 5,000 by way of its spool$/m,
  );
});
