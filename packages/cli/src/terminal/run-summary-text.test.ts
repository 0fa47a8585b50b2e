import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LaneCounts, RunOutcome, RunSummary } from '@sockflow/core';

import { MemoryOutput } from './memory-terminal.test.support.ts';
import { writeRunSummary } from './run-summary-text.ts';

function laneCounts(read: number, out: number): LaneCounts {
  const sink = { sink: 'file(out.ndjson)', given: out, acknowledged: out, failed: 0 };
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

function told(summary: Parameters<typeof writeRunSummary>[1]): string {
  const output = new MemoryOutput();
  writeRunSummary(output.terminal, summary);
  return output.text;
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
  assert.match(
    told(summaryOf(1, 'stopped')),
    /stopped after 1,200 events; all of them were delivered/,
  );
  assert.match(told(summaryOf(1, 'aborted')), /what the sinks had not written is lost/);
  assert.match(told(summaryOf(1, 'failed')), /failed after 1,200 events/);
  assert.match(told({ ...summaryOf(1), outcome: 'damaged' }), /1,200 events of what is whole/);
});

test('where output lies is told, the standard output apart', () => {
  const sink = { lane: 0, output: 'events', sink: 'x', given: 1, acknowledged: 1, failed: 0 };
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
