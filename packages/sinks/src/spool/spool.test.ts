import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { openRecording } from '@sockflow/source-replay';

import { laneFolder } from './layout.ts';
import { deliveredTwice, Destination, HOST_B, Numbered } from './spool-kit.test.support.ts';
import { opened, runIn, spooled, until, write } from './spool-runs.test.support.ts';

test('while its sink keeps up everything goes through, in order, and nothing is written', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  const numbered = new Numbered();
  const writer = await opened(spooled(destination, run), run);
  for (let round = 0; round < 50; round++) await write(writer, numbered, 'eemee');
  await writer.flush();
  assert.equal(writer.acknowledged, 200);
  assert.deepEqual(destination.delivered, numbered.given);
  const report = await writer.close({ isComplete: true });
  assert.equal(report.location, 'destination');
  assert.deepEqual(report.warnings ?? [], []);
  assert.equal(writer.spooled, 0);
  assert.equal(destination.opens, 1);
  assert.equal(existsSync(laneFolder(run.directory, 0)), false);
});

test('a sink that is gone from the start: all is on the disk and acknowledged, and the next start delivers it (Q3, Q9)', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.mood = 'gone';
  const numbered = new Numbered();
  const writer = await opened(spooled(destination, run), run);
  for (let round = 0; round < 20; round++) await write(writer, numbered, 'eme');
  await write(writer, numbered, 'e'.repeat(3000));
  await writer.flush();
  assert.equal(writer.acknowledged, 3040);
  const report = await writer.close({ isComplete: true });
  assert.match(
    report.warnings?.join() ?? '',
    /3040 events for destination lie in .* the next start delivers them/,
  );
  assert.deepEqual([writer.acknowledged, writer.failed, writer.spooled], [3040, 0, 3040]);
  const [name = ''] = readdirSync(laneFolder(run.directory, 0));
  const recording = openRecording(join(laneFolder(run.directory, 0), name));
  assert.deepEqual([recording.events, recording.markers, recording.damage.length], [3040, 20, 0]);

  destination.mood = 'up';
  const next = runIn(t, run.directory);
  const second = await opened(spooled(destination, next), next);
  await write(second, numbered, 'ee');
  await second.close({ isComplete: true });
  assert.deepEqual(destination.delivered, numbered.given);
  assert.deepEqual([second.acknowledged, second.failed], [2, 0]);
  assert.match(next.warnings[0] ?? '', /^3040 events that an earlier run left/);
  assert.equal(existsSync(laneFolder(run.directory, 0)), false);
});

test('a sink that fails in mid-run and comes back gets everything in order, what it had not acknowledged again (Q1, Q2)', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  const numbered = new Numbered();
  const writer = await opened(spooled(destination, run), run);
  for (let outage = 0; outage < 3; outage++) {
    for (let round = 0; round < 30; round++) await write(writer, numbered, 'eemee');
    destination.mood = outage === 1 ? 'silent' : 'gone';
    for (let round = 0; round < 30; round++) await write(writer, numbered, 'eemee');
    await write(writer, numbered, 'eeeee', HOST_B);
    // Durable although nobody takes it.
    await until(
      'all is durable',
      () => writer.acknowledged === numbered.given.filter((item) => item.includes('e')).length,
    );
    destination.mood = 'up';
    await until('the spool is empty', () => destination.delivered.at(-1) === numbered.given.at(-1));
  }
  await writer.close({ isComplete: true });
  // What it had and had not acknowledged: one batch of each outage, at most.
  assert.ok(deliveredTwice(destination.delivered, numbered.given) <= 3 * 5);
  assert.ok(
    run.warnings.some((text) => /has failed: .*ECONNREFUSED/.test(text)),
    run.warnings.join('\n'),
  );
  assert.ok(
    run.warnings.some((text) => /takes events again/.test(text)),
    run.warnings.join('\n'),
  );
});

test('values go over the disk and come back as they were', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.mood = 'gone';
  const numbered = new Numbered();
  const writer = await opened(spooled(destination, run), run);
  for (let round = 0; round < 500; round++) {
    await writer.write(numbered.value());
    if (round % 100 === 0) await write(writer, numbered, 'eem');
  }
  await writer.flush();
  await writer.close({ isComplete: true });
  destination.mood = 'up';
  const next = runIn(t, run.directory);
  await (await opened(spooled(destination, next), next)).close({ isComplete: true });
  assert.deepEqual(destination.delivered, numbered.given);
});

test('a sink that acknowledges only what is flushed is asked to', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.acknowledgesLate = true;
  const numbered = new Numbered();
  const writer = await opened(
    spooled(destination, run, { lagAfterMs: 60_000, keepBytes: 20_000 }),
    run,
  );
  for (let round = 0; round < 100; round++) await write(writer, numbered, 'e'.repeat(10));
  await until('all acknowledged', () => writer.acknowledged === 1000);
  assert.equal(writer.spooled, 0);
  await writer.close({ isComplete: true });
  assert.deepEqual(destination.delivered, numbered.given);
});

test('what no second try mends ends the run with its error, and what was not delivered is kept', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  const numbered = new Numbered();
  const writer = await opened(spooled(destination, run), run);
  await write(writer, numbered, 'eee');
  await writer.flush();
  destination.mood = 'silent';
  const held = writer.write(numbered.batch('ee').batch);
  const rest = writer.write(numbered.batch('ee').batch);
  destination.mood = 'refuses';
  await Promise.allSettled([held, rest]);
  await assert.rejects(async () => writer.flush(), /this is refused/);
  await writer.close({ isComplete: false });
  assert.deepEqual([writer.acknowledged, writer.failed], [7, 0]);
  destination.mood = 'up';
  const next = runIn(t, run.directory);
  await (await opened(spooled(destination, next), next)).close({ isComplete: true });
  assert.deepEqual(destination.delivered, numbered.given);
});
