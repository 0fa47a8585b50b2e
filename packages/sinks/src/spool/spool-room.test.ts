import assert from 'node:assert/strict';
import { test } from 'node:test';

import { file } from '../file/file.ts';
import { ordered } from '../ordered/ordered.ts';
import { deliveredTwice, Destination, Numbered } from './spool-kit.test.support.ts';
import { opened, runIn, spooled, until, write } from './spool-runs.test.support.ts';

const MIB = 1024 * 1024;
/** More than the spool and memory may hold: 1,000 events of 256 bytes each. */
const INPUTS = 40;
const PATTERN = 'e'.repeat(1000);

test('a full spool holds its lane back, says so once, and goes on when its sink is there again (Q8)', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.mood = 'gone';
  const sink = spooled(destination, run, { maxBytes: 2 * MIB, keepBytes: MIB });
  const writer = await opened(sink, run);
  const numbered = new Numbered();
  let taken = 0;
  const writing = (async () => {
    for (; taken < INPUTS; taken++) await write(writer, numbered, PATTERN);
  })();
  const isFull = (): boolean =>
    run.warnings.some((text) => text.startsWith('ERR_SOCKFLOW_SPOOL_FULL'));
  await until('it is full', isFull);
  // What is in the spool and in memory is all that was taken.
  await until('the lane is held back', () => writer.acknowledged > 5000);
  assert.ok(taken < 16, `${taken} of 250 KiB each were taken`);
  destination.mood = 'up';
  await writing;
  const report = await writer.close({ isComplete: true });
  assert.deepEqual([writer.acknowledged, writer.failed], [INPUTS * 1000, 0]);
  assert.deepEqual(destination.delivered, numbered.given);
  assert.ok(run.warnings.filter((text) => text.startsWith('ERR_SOCKFLOW_SPOOL_FULL')).length >= 1);
  assert.match(report.warnings?.join() ?? '', /was full (once|\d+ times), and held its lane back/);
});

test("with onFull 'fail' a full spool ends the run, with what was acknowledged on the disk", async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.mood = 'gone';
  const writer = await opened(spooled(destination, run, { maxBytes: MIB, onFull: 'fail' }), run);
  const numbered = new Numbered();
  const full = { code: 'ERR_SOCKFLOW_SPOOL_FULL' };
  await assert.rejects(async () => {
    for (let input = 0; input < INPUTS; input++) await write(writer, numbered, PATTERN);
  }, full);
  await assert.rejects(async () => writer.flush(), full);
  await writer.close({ isComplete: false });
  const { acknowledged, failed } = writer;
  assert.ok(acknowledged >= 3000 && failed > 0, `${acknowledged} acknowledged, ${failed} failed`);
  destination.mood = 'up';
  const next = runIn(t, run.directory);
  await (await opened(spooled(destination, next), next)).close({ isComplete: true });
  assert.deepEqual(destination.delivered, numbered.given.slice(0, destination.delivered.length));
  assert.ok(destination.delivered.length >= acknowledged);
});

test('a run that is to end waits for no room, and counts what has no place as failed', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  destination.mood = 'gone';
  const writer = await opened(spooled(destination, run, { maxBytes: MIB, keepBytes: MIB }), run);
  const numbered = new Numbered();
  const writing = (async () => {
    for (let input = 0; input < INPUTS; input++) await write(writer, numbered, PATTERN);
  })();
  writing.catch(() => {});
  await until('it is full', () => run.warnings.some((text) => text.includes('SPOOL_FULL')));
  run.isEnding = true;
  await assert.rejects(writing, { code: 'ERR_SOCKFLOW_SPOOL_FULL' });
  await writer.close({ isComplete: false });
  assert.ok(writer.failed > 0);
  const events = numbered.given.filter((item) => item.startsWith('e')).length;
  assert.equal(writer.acknowledged + writer.failed, events);
});

test('close ends within its bound with a sink that answers nothing, and the next start has the rest (Q9)', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  const writer = await opened(spooled(destination, run), run);
  const numbered = new Numbered();
  await write(writer, numbered, 'eem');
  destination.mood = 'silent';
  const held = writer.write(numbered.batch('ee').batch);
  await writer.flush();
  await writer.close({ isComplete: true });
  await held;
  assert.deepEqual([writer.acknowledged, writer.failed], [4, 0]);
  destination.mood = 'gone';
  destination.mood = 'up';
  const next = runIn(t, run.directory);
  await (await opened(spooled(destination, next), next)).close({ isComplete: true });
  deliveredTwice(destination.delivered, numbered.given);
});

test('with a lag of 0 a sink that is slow holds nothing back', async (t) => {
  const run = runIn(t);
  const destination = new Destination();
  const writer = await opened(spooled(destination, run, { lagAfterMs: 0, keepBytes: 0 }), run);
  const numbered = new Numbered();
  destination.mood = 'silent';
  for (let input = 0; input < INPUTS; input++) await write(writer, numbered, PATTERN);
  assert.ok((writer.spooled ?? 0) > 30_000);
  destination.mood = 'up';
  await writer.close({ isComplete: true });
  deliveredTwice(destination.delivered, numbered.given);
});

test('what cannot be opened again is refused', () => {
  const refused = { code: 'ERR_SOCKFLOW_INVALID_OPTION' };
  const run = { directory: '/nowhere' } as never;
  assert.throws(() => spooled(file('out.ndjson'), run), refused);
  assert.throws(() => spooled(ordered(new Destination()), run), refused);
  assert.throws(() => spooled(new Destination(), { directory: '' } as never), refused);
  assert.throws(() => spooled(new Destination(), run, { maxBytes: 1 }), refused);
  assert.doesNotThrow(() => spooled(file('out.ndjson', { rotateBytes: MIB }), run));
});
