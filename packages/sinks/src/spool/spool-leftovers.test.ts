import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  truncateSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Sink, SinkWriter } from '@sockflow/core';
import { type CleanableTest, useTempDir } from '@sockflow/test-support';

import { laneFolder, lockPath } from './layout.ts';
import { deliveredTwice, type Delivered, Destination, Numbered } from './spool-kit.test.support.ts';
import { opened, type Run, runIn, spooled, write } from './spool-runs.test.support.ts';

/** A run into a sink that is gone: leaves what each lane was given. */
async function leave(run: Run, numbers: readonly Numbered[], inputs: number): Promise<void> {
  const gone = new Destination();
  gone.mood = 'gone';
  const sink = spooled(gone, run, { closeAfterMs: 0 });
  await sink.prepare?.({ ...run.context, lanes: numbers.length });
  for (const [lane, numbered] of numbers.entries()) {
    const writer = await sink.open({ ...run.context, lane, lanes: numbers.length });
    for (let input = 0; input < inputs; input++) await write(writer, numbered, 'eem');
    await writer.flush();
    await writer.close({ isComplete: true });
  }
}

/** A run of so many lanes that is given nothing. */
async function deliver(
  t: CleanableTest,
  directory: string,
  lanes: number,
): Promise<{ delivered: Delivered; run: Run }> {
  const run = runIn(t, directory);
  const destination = new Destination();
  const sink = spooled(destination, run);
  await sink.prepare?.({ ...run.context, lanes });
  const writers: SinkWriter[] = [];
  for (let lane = 0; lane < lanes; lane++)
    writers.push(await sink.open({ ...run.context, lane, lanes }));
  for (const writer of writers) {
    await writer.close({ isComplete: true });
    assert.deepEqual([writer.acknowledged, writer.failed], [0, 0], 'it was given nothing');
  }
  return { delivered: destination.delivered, run };
}

for (const lanes of [1, 2, 5])
  test(`what three lanes left is delivered by ${lanes}, each lane's in its order (Q7)`, async (t) => {
    const run = runIn(t);
    const numbers = [new Numbered(1), new Numbered(10_000), new Numbered(20_000)];
    await leave(run, numbers, 20);
    const { delivered } = await deliver(t, run.directory, lanes);
    for (const [lane, { given }] of numbers.entries()) {
      const own = delivered.filter((item) => Math.floor(Number(item.slice(1)) / 10_000) === lane);
      assert.equal(deliveredTwice(own, given), 0);
    }
    assert.deepEqual(readdirSync(run.directory), ['spool.json']);
  });

test('a torn end is left out and told of, whatever it was cut to, and what was whole is delivered (Q6)', async (t) => {
  const run = runIn(t);
  for (let round = 0; round < 12; round++) {
    const numbered = new Numbered();
    await leave(run, [numbered], 5);
    const folder = laneFolder(run.directory, 0);
    const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.sfrec')) ?? '');
    // As a kill leaves it: unfinished, without its index, torn somewhere behind the header.
    const keptBytes = Math.round(4096 + (statSync(path).size - 4096) * (round / 12));
    truncateSync(path, keptBytes);
    renameSync(path, `${path}.part`);
    const { delivered, run: next } = await deliver(t, run.directory, 1);
    assert.deepEqual(delivered, numbered.given.slice(0, delivered.length));
    if (delivered.length < numbered.given.length && delivered.length > 0)
      assert.match(next.warnings.join(), /an earlier run left/);
    assert.equal(existsSync(folder), false);
  }
});

test('a torn frame of values is left out, and the values before it are delivered (Q6)', async (t) => {
  const run = runIn(t);
  const gone = new Destination();
  gone.mood = 'gone';
  const writer = await opened(spooled(gone, run, { closeAfterMs: 0 }), run);
  const numbered = new Numbered();
  for (let value = 0; value < 50; value++) await writer.write(numbered.value());
  await writer.flush();
  await writer.close({ isComplete: true });
  const folder = laneFolder(run.directory, 0);
  const [name = ''] = readdirSync(folder);
  appendFileSync(join(folder, name), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
  renameSync(join(folder, name), join(folder, `${name}.part`));
  const { delivered, run: next } = await deliver(t, run.directory, 1);
  assert.deepEqual(delivered, numbered.given);
  assert.match(next.warnings.join(), /the last 9 bytes of an earlier run are a torn/);
});

test('a directory that another sink writes is refused, and given up with its lanes', async (t) => {
  const run = runIn(t);
  const sink = spooled(new Destination(), run);
  const writer = await opened(sink, run);
  const locked = {
    code: 'ERR_SOCKFLOW_SPOOL_LOCKED',
    details: { directory: run.directory, lane: 0, pid: process.pid },
  };
  await assert.rejects(opened(spooled(new Destination(), run), run), locked);
  await assert.rejects(async () => sink.open(run.context), locked);
  await writer.close({ isComplete: true });
  await (await opened(sink, run)).close({ isComplete: true });
  assert.deepEqual(readdirSync(run.directory), ['spool.json']);
});

test('the lock of a process that is gone holds nothing', async (t) => {
  const run = runIn(t);
  mkdirSync(run.directory, { recursive: true });
  // No process has this number, or it began at another time.
  const holder = { pid: 2 ** 22 - 1, startTicks: '1', bootId: 'another' };
  writeFileSync(lockPath(run.directory, 0), JSON.stringify(holder));
  await (await opened(spooled(new Destination(), run), run)).close({ isComplete: true });
});

test('a directory with other files, or with what another sink was given, is refused', async (t) => {
  const run = runIn(t);
  await leave(run, [new Numbered()], 1);
  const inner = new Destination();
  const other: Sink = { name: 'other', accepts: 'both', open: () => inner.open() };
  await assert.rejects(opened(spooled(other, run), run), {
    code: 'ERR_SOCKFLOW_SPOOL_DIRECTORY',
    message: /it holds what destination was given, and this is other/,
  });
  const strange = runIn(t, useTempDir(t));
  writeFileSync(join(strange.directory, 'thesis.tex'), '');
  await assert.rejects(opened(spooled(new Destination(), strange), strange), {
    code: 'ERR_SOCKFLOW_SPOOL_DIRECTORY',
    message: /other files/,
  });
});
