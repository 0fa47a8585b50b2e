import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type LaneCounts, SINK_COUNTERS, type SinkCounts, type SourceCounts } from '@sockflow/core';

import { type StatusState, statusText } from './status-text.ts';

const KAFKA = sink('kafka(events)', { given: 900, acknowledged: 700, failed: 50 });

function sink(name: string, counts: Partial<SinkCounts>): SinkCounts {
  const none = Object.fromEntries(SINK_COUNTERS.map((counter) => [counter, 0]));
  return { ...none, ...counts, sink: name } as SinkCounts;
}

function laneCounts(read: number, sinks: readonly SinkCounts[]): LaneCounts {
  const output = { output: 'events', due: read, in: read, filtered: 0, out: read, sinks };
  return {
    recorded: 0,
    read,
    skipped: 0,
    bad: 0,
    otherLanes: 0,
    markers: 0,
    bytesRead: 1,
    outputs: [output],
  };
}

function source(lane: number, lost: number, shed: number): SourceCounts {
  const none = { seen: 0, made: 0, submitted: 0, notAskedFor: 0, filtered: 0, folded: 0 };
  return { lane, class: 'first', ...none, lost, shed };
}

function state(elapsedMs: number, read: number, sinks: readonly SinkCounts[]): StatusState {
  const counts = [source(0, 2, 30), source(1, 1, 4)];
  return {
    elapsedMs,
    ledger: {
      total: laneCounts(read, sinks),
      lanes: [],
      source: { counts, madeByKind: {}, notes: {}, isSettled: false },
    },
    usage: { residentBytes: 150.25 * 2 ** 20, cpuUs: elapsedMs * 80 },
  };
}

test('a status line tells rates since the one before, counts since the start, and what the sink has not told of', () => {
  const text = statusText(state(90_000, 1_000, [KAFKA]), state(30_000, 400, [KAFKA]));
  const run =
    'status up_s=90 events=1000 events_per_s=10 lost=3 shed=34 rss_mib=150.3 cpu_percent=8.0';
  const ofSink = 'output=events sink=kafka(events) given=900 acknowledged=700 failed=50';
  assert.ok(text.startsWith(`${run} ${ofSink} `), text);
  assert.ok(text.endsWith(' pending=150'), text);
});

test('each sink has its figures behind its name, which stands in quotes where it has a space', () => {
  const file = sink('my file', { given: 5, acknowledged: 5 });
  const text = statusText(state(60_000, 10, [KAFKA, file]), state(0, 0, []));
  assert.match(text, / sink=kafka\(events\) given=900 .* sink="my file" given=5 .*pending=0$/);
});
