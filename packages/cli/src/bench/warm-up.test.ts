import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { emit, type PipelineDefinition } from '@sockflow/core';
import { openRecording, replay } from '@sockflow/source-replay';
import { NEVER, mergeWith, tap } from 'rxjs';

import { warmUp } from './warm-up.ts';

const REAL = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));
const { sizeBytes, events: EVENTS } = openRecording(REAL);

function counting(count: (size: number) => void): PipelineDefinition['events'] {
  return (batches) => ({
    first: batches.pipe(tap((batch) => count(batch.size))),
    second: batches.pipe(tap(() => emit('goes nowhere'))),
  });
}

test('reads the beginning of a source through all outputs; what is emitted goes nowhere', async () => {
  let all = 0;
  await warmUp(
    replay(REAL),
    counting((size) => (all += size)),
    sizeBytes,
  );
  assert.equal(all, EVENTS);
  let some = 0;
  await warmUp(
    replay(REAL),
    counting((size) => (some += size)),
    sizeBytes / 4,
  );
  assert.ok(some > 0 && some < EVENTS, `${some}`);
  assert.throws(() => emit('no lane'), { code: 'ERR_SOCKFLOW_NO_LANE' });
});

test('leaves failures to the run, and an output that never completes after its time', async () => {
  const throwing: PipelineDefinition['events'] = (batches) =>
    batches.pipe(
      tap(() => {
        throw new Error('no luck');
      }),
    );
  await warmUp(replay(REAL), throwing, sizeBytes);
  await warmUp(
    replay(REAL),
    () => {
      throw new Error('not even made');
    },
    sizeBytes,
  );
  await warmUp(replay(REAL), (batches) => batches.pipe(mergeWith(NEVER)), sizeBytes, 50);
});
