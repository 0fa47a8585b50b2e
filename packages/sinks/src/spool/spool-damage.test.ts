import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  renameSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

import type { CleanableTest } from '@sockflow/test-support';

import { FRAME_HEADER_BYTES, laneFolder, VALUES_MAGIC } from './layout.ts';
import { type Delivered, Destination, Numbered } from './spool-kit.test.support.ts';
import { opened, type Run, runIn, spooled, write } from './spool-runs.test.support.ts';

/** A run into a sink that is gone, whose every commit makes a block of its own. */
async function leave(run: Run, numbered: Numbered, kind: 'batches' | 'values'): Promise<string> {
  const gone = new Destination();
  gone.mood = 'gone';
  const writer = await opened(spooled(gone, run, { closeAfterMs: 0 }), run);
  for (let input = 0; input < 6; input++) {
    if (kind === 'values') await writer.write(numbered.value());
    else await write(writer, numbered, 'eeee');
    await writer.flush();
  }
  await writer.close({ isComplete: true });
  const folder = laneFolder(run.directory, 0);
  const names = readdirSync(folder).filter((name) => /\.(?:sfrec|values)$/.test(name));
  return join(folder, names.at(-1) ?? '');
}

/** A run into a sink that works, and is given something itself. */
async function deliver(
  t: CleanableTest,
  directory: string,
  own: Numbered,
): Promise<{ delivered: Delivered; error: unknown; run: Run }> {
  const run = runIn(t, directory);
  const destination = new Destination();
  const writer = await opened(spooled(destination, run), run);
  await write(writer, own, 'ee');
  const error = await Promise.resolve(writer.close({ isComplete: true })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.deepEqual([writer.acknowledged, writer.failed], [2, 0]);
  return { delivered: destination.delivered, error, run };
}

const BLOCK_HEADER_BYTES = 832;

/** Where its blocks begin: frames of type 2. */
function blocksOf(path: string): number[] {
  const content = readFileSync(path);
  const found: number[] = [];
  for (let at = content.indexOf('SFRM'); at >= 0; at = content.indexOf('SFRM', at + 4))
    if (content.readUInt16LE(at + 4) === 2) found.push(at);
  return found;
}

function spoil(path: string, offset: number, bytes: number): void {
  const content = readFileSync(path);
  for (let place = offset; place < offset + bytes; place++)
    content[place] = (content[place] ?? 0) ^ 0x5a;
  writeFileSync(path, content);
}

function isDamage(path: string, events: number): (error: unknown) => boolean {
  return (error) => {
    const { code, message, details } = error as Error & { code: string; details: object };
    assert.equal(code, 'ERR_SOCKFLOW_SPOOL_DAMAGED', String(error));
    assert.ok(message.includes(`${path}.damaged`), message);
    assert.deepEqual((details as { events: number }).events, events);
    return true;
  };
}

test('a segment with a block that cannot be read is delivered but for that, kept, and ends the run with a code (Q4)', async (t) => {
  const run = runIn(t);
  const numbered = new Numbered();
  const path = await leave(run, numbered, 'batches');
  const second = blocksOf(path)[1] ?? 0;
  assert.ok(second > 0, 'it has a second block');
  spoil(path, second + BLOCK_HEADER_BYTES, 8);
  const spoilt = readFileSync(path);
  const own = new Numbered(100);
  const { delivered, error, run: next } = await deliver(t, run.directory, own);
  assert.deepEqual(delivered, [
    ...numbered.given.slice(0, 4),
    ...numbered.given.slice(8),
    ...own.given,
  ]);
  assert.ok(isDamage(path, 4)(error));
  assert.match(next.warnings.join(), /is damaged/);
  assert.deepEqual(readFileSync(`${path}.damaged`), spoilt, 'the only copy is kept');
  assert.equal(existsSync(path), false);

  const again = new Numbered(200);
  const later = await deliver(t, run.directory, again);
  assert.deepEqual(
    [later.delivered, later.error],
    [again.given, undefined],
    'it is not read again',
  );
  // What is spooled later never takes the name of what is kept.
  const after = await leave(run, new Numbered(300), 'batches');
  assert.notEqual(after, path);
  assert.deepEqual(readFileSync(`${path}.damaged`), spoilt);
});

for (const [what, place, lost] of [
  ['value', FRAME_HEADER_BYTES, 1],
  ['length', 2, 1],
] as const)
  test(`a frame of values whose ${what} is damaged takes none behind it along (Q4)`, async (t) => {
    const run = runIn(t);
    const numbered = new Numbered();
    const path = await leave(run, numbered, 'values');
    const length = readFileSync(path).readUInt32LE(VALUES_MAGIC.length);
    const second = VALUES_MAGIC.length + FRAME_HEADER_BYTES + length;
    spoil(path, second + place, 1);
    const own = new Numbered(100);
    const { delivered, error } = await deliver(t, run.directory, own);
    const rest = numbered.given.filter((_, index) => index !== 1);
    assert.deepEqual(delivered, [...rest, ...own.given]);
    assert.ok(isDamage(path, lost)(error));
    assert.ok(existsSync(`${path}.damaged`));
  });

for (const kind of ['batches', 'values'] as const)
  for (const bytes of [0, 30])
    test(`a segment of ${kind} that is cut to ${bytes} bytes holds nothing else up (Q4)`, async (t) => {
      const run = runIn(t);
      const path = await leave(run, new Numbered(), kind);
      truncateSync(path, bytes);
      const numbered = new Numbered(50);
      const next = join(laneFolder(run.directory, 0), '00000007.sfrec');
      const other = runIn(t);
      renameSync(await leave(other, numbered, 'batches'), next);
      const own = new Numbered(100);
      const { delivered, error } = await deliver(t, run.directory, own);
      assert.deepEqual(delivered, [...numbered.given, ...own.given]);
      assert.equal((error as { code?: string } | undefined)?.code, 'ERR_SOCKFLOW_SPOOL_DAMAGED');
      assert.ok(existsSync(`${path}.damaged`));
      assert.deepEqual(readdirSync(laneFolder(run.directory, 0)), [`${basename(path)}.damaged`]);
    });

test('only what is torn at the end of an unfinished segment is told as that (Q6)', async (t) => {
  const run = runIn(t);
  const numbered = new Numbered();
  const path = await leave(run, numbered, 'values');
  const length = readFileSync(path).readUInt32LE(VALUES_MAGIC.length);
  spoil(path, VALUES_MAGIC.length + FRAME_HEADER_BYTES + length - 1, 1);
  appendFileSync(path, Buffer.from([9, 0, 0, 0, 1]));
  renameSync(path, `${path}.part`);
  const own = new Numbered(100);
  const { delivered, error, run: next } = await deliver(t, run.directory, own);
  assert.deepEqual(delivered, [...numbered.given.slice(1), ...own.given]);
  assert.match(next.warnings.join(), /the last 5 bytes/);
  assert.ok(isDamage(path, 1)(error));
});

test('what was given to a sink at some brokers is not given to others', async (t) => {
  const run = runIn(t);
  const gone = Object.assign(new Destination(), { destination: 'a:9092' });
  gone.mood = 'gone';
  const writer = await opened(spooled(gone, run, { closeAfterMs: 0 }), run);
  await write(writer, new Numbered(), 'ee');
  await writer.flush();
  await writer.close({ isComplete: true });
  const other = Object.assign(new Destination(), { destination: 'b:9092' });
  await assert.rejects(opened(spooled(other, run), run), {
    code: 'ERR_SOCKFLOW_SPOOL_DIRECTORY',
    message: /at a:9092 was given, and this is destination at b:9092/,
    remedy: /remove "destination" from/,
  });
});
