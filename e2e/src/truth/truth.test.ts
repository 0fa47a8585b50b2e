import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { ConnectionTruth } from '@sockflow/source-replay/generate';
import { useTempDir } from '@sockflow/test-support';
import { run } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import type { Figures } from './figures.pipeline.ts';

const PIPELINE = new URL('./figures.pipeline.js', import.meta.url);

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}

function figuresOf(truth: ConnectionTruth): Figures {
  const { originId, netnsCookie, cookie, events, retransmits, timeouts, rttSamples } = truth;
  const { rttMinUs, rttMedianUs, bytesAcked, bytesReceived, outcome, closedFrom } = truth;
  return {
    key: `${originId}/${netnsCookie}:${cookie}`,
    events,
    retransmits,
    timeouts,
    bytesAcked,
    bytesReceived,
    isEstablished: outcome === 'established',
    rttSamples,
    rttMinUs,
    rttMedianUs,
    isClosed: closedFrom !== null,
  };
}

for (const lanes of [1, 4]) {
  test(`a pipeline of public operators finds what --truth says, with ${lanes} lanes`, async (t) => {
    const dir = useTempDir(t);
    const recording = join(dir, 'made.sfrec');
    const truthPath = join(dir, 'truth.ndjson');
    const what = '--connections 1500 --loss 3% --rtt 2ms --rtt-p99 60ms --origins 2 --refused 10%';
    sockflowOk(['gen', recording, ...what.split(' '), '--truth', truthPath]);
    const lines = readFileSync(truthPath, 'utf8').trimEnd().split('\n');
    const told = lines.map((line) => figuresOf(JSON.parse(line) as ConnectionTruth));
    const found: Figures[] = [];
    const handle = run(PIPELINE, { lanes, params: { recording } });
    handle.results.subscribe((figures) => found.push(figures as Figures));
    await handle.done;
    assert.ok(told.length >= 1500);
    assert.deepEqual(found.toSorted(byKey), told.toSorted(byKey));
    assert.ok(told.some(({ retransmits }) => retransmits > 0));
  });
}
