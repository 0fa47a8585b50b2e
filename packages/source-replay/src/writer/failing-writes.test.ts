import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';
import { requireTool, skipTest, useTempDir } from '@sockflow/test-support';

import { killedAfter } from '../killed-child.test.support.ts';
import { ORIGIN_A, randomSlots, slotTexts } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { AppendFile } from './append-file.ts';
import { RecordingWriter } from './recording-writer.ts';

const PACKAGE = new URL('../index.js', import.meta.url).href;
const SUPPORT = new URL('../random-slots.test.support.js', import.meta.url).href;
const PREAMBLE = `
  import { RecordingWriter } from '${PACKAGE}';
  import { ORIGIN_A, randomSlots } from '${SUPPORT}';
  const slots = randomSlots({ count: 1000, seed: 9 });
  const writer = RecordingWriter.create(process.argv[1], { blockBytes: 65536 });
`;

test('a full disk is a named error, and what was written before stays readable', async (t) => {
  if (!existsSync('/dev/full')) return skipTest(t, 'needs /dev/full');
  const file = new AppendFile('full.sfrec', openSync('/dev/full', 'r+'), 0);
  for (const append of [
    () => file.append(Buffer.alloc(64)),
    () => file.appendBoth(Buffer.alloc(64), Buffer.alloc(64)),
  ]) {
    assert.throws(append, (error: unknown) => {
      assert.ok(isSockflowError(error));
      assert.equal(error.code, 'ERR_SOCKFLOW_RECORDING_WRITE');
      assert.match(error.message, /full\.sfrec.*ENOSPC/);
      return /Free space/.test(error.remedy ?? '');
    });
  }
  assert.equal(file.sizeBytes, 0);
  file.close(false);
});

/** Runs a script in a child whose shell set a limit first. */
function runLimited(limit: string, script: string, path: string): SpawnSyncReturns<string> {
  const node = [process.execPath, '--input-type=module', '-e', script, path];
  return spawnSync('bash', ['-c', `${limit}; exec "$@"`, 'bash', ...node], { encoding: 'utf8' });
}

test('a writer whose origin cannot be written leaves no file open', async (t) => {
  if (!existsSync('/proc/self/fd')) return skipTest(t, 'needs /proc/self/fd');
  const script = `
    import { readdirSync, readlinkSync } from 'node:fs';
    import { RecordingWriter } from '${PACKAGE}';
    let code = '';
    try {
      RecordingWriter.create(process.argv[1], { origin: { id: 'x'.repeat(65536) } });
    } catch (error) {
      code = error.code;
    }
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try { return [readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; }
    });
    console.log(code, open.filter((path) => path.includes('out.sfrec')).length);
  `;
  const path = join(useTempDir(t), 'out.sfrec');
  const { stdout, stderr } = runLimited("trap '' XFSZ; ulimit -f 16", script, path);
  assert.equal(stdout, 'ERR_SOCKFLOW_RECORDING_WRITE 0\n', stderr);
});

/** The children's slots, again and again. */
function repeatedTexts(count: number): string[] {
  const texts = slotTexts(randomSlots({ count: 1000, seed: 9 })).map((text) => `boot-a:${text}`);
  return Array.from({ length: count }, (_, index) => texts[index % 1000]!);
}

/** A child that writes until a limit on the file's size stops it, as a full disk does: some bytes of a block go in, then none. */
const UNTIL_LIMIT = `${PREAMBLE}
  let appended = 0;
  let code = '';
  try {
    for (;;) { writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A); appended += 1000; }
  } catch (error) { code = error.code; }
  const states = [code, writer.eventsAppended - appended, writer.eventsWritten];
  try { writer.flush(); states.push('flushed'); } catch (error) { states.push(error.code); }
  try { writer.close(); states.push('closed'); } catch (error) { states.push(error.code); }
  console.log(JSON.stringify(states));
`;

test('where a write fails nothing that was appended is lost, and every written block is whole', async (t) => {
  if (!requireTool(t, 'bash')) return;
  const path = join(useTempDir(t), 'out.sfrec');
  // 1000 KiB hold some 15 blocks and a part of one.
  const child = runLimited('ulimit -f 1000', UNTIL_LIMIT, path);
  assert.equal(child.status, 0, child.stderr);
  const [code, pending, written, flushed, closed] = JSON.parse(child.stdout) as [
    string,
    number,
    number,
    string,
    string,
  ];
  const writeError = 'ERR_SOCKFLOW_RECORDING_WRITE';
  assert.deepEqual([code, flushed, closed], [writeError, writeError, writeError]);
  assert.ok(pending > 0 && pending <= 1000);
  assert.equal(existsSync(path), false);
  const recording = openRecording(path);
  assert.equal(recording.events, written);
  assert.deepEqual(recording.damage, []);
  assert.equal(recording.sizeBytes % 64, 0, 'cut back to the last whole frame');
  const [lane] = (await replayAll(path)).lanes;
  assert.deepEqual(lane!.events, repeatedTexts(written));
});

/** The same, until the limit is lifted, as where space was freed. */
const LIMIT_LIFTED = `${PREAMBLE}
  import { execFileSync } from 'node:child_process';
  let failed = '';
  for (let rounds = 0; rounds < 10; rounds++) {
    try { writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A); } catch (error) {
      failed = error.code;
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
      const from = slots.words[writer.eventsAppended - rounds * 1000];
      if (from !== undefined) writer.appendSlots(slots.memory, from, slots.endWord, ORIGIN_A);
    }
  }
  console.log(JSON.stringify([failed, writer.close().events]));
`;

test('a write that failed can be tried again once its cause is gone', async (t) => {
  if (!requireTool(t, 'prlimit') || !requireTool(t, 'bash')) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const child = runLimited('ulimit -S -f 1000', LIMIT_LIFTED, path);
  assert.equal(child.status, 0, child.stderr);
  assert.deepEqual(JSON.parse(child.stdout), ['ERR_SOCKFLOW_RECORDING_WRITE', 10_000]);
  const [lane] = (await replayAll(path)).lanes;
  assert.deepEqual(lane!.events, repeatedTexts(10_000));
});

test('a folder that is not there is a named error', (t) => {
  const path = join(useTempDir(t), 'none', 'out.sfrec');
  assert.throws(() => RecordingWriter.create(path), { code: 'ERR_SOCKFLOW_RECORDING_WRITE' });
});

test('a slot that no block can hold is refused, and those before it are kept', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  for (const laneGroups of [1, 4]) {
    const slots = randomSlots({ count: 10, seed: 1 });
    slots.memory.u32[slots.words[7]!] = 250;
    const writer = RecordingWriter.create(path, { laneGroups });
    assert.throws(() => writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A), {
      code: 'ERR_SOCKFLOW_RECORDING_SLOT',
    });
    assert.equal(writer.close().events, 7);
    assert.equal(openRecording(path).events, 7);
  }
});

test('a writer that is closed as not complete leaves all that was appended in NAME.part, and a finished recording as it was', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 100, seed: 2 });
  const [first, ninth] = [slots.words[0]!, slots.words[9]!];
  for (const laneGroups of [1, 4]) {
    const writer = RecordingWriter.create(path, { laneGroups });
    writer.appendSlots(slots.memory, first, slots.endWord, ORIGIN_A);
    const report = writer.close({ isComplete: false });
    assert.deepEqual([report.path, report.events], [`${path}.part`, 100]);
    assert.equal(statSync(report.path).size, report.bytesWritten);
    assert.equal(existsSync(path), false);
    const { events, damage } = openRecording(path);
    assert.deepEqual([events, damage], [100, []]);
  }
  const whole = RecordingWriter.create(path);
  whole.appendSlots(slots.memory, first, ninth, ORIGIN_A);
  assert.equal(whole.close({ isComplete: true }).path, path);
  const next = RecordingWriter.create(path);
  next.appendSlots(slots.memory, first, slots.endWord, ORIGIN_A);
  next.close({ isComplete: false });
  assert.equal(openRecording(path).events, 9);
  assert.equal(openRecording(`${path}.part`).events, 100);
});

test('a closed writer says so', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 1, seed: 1 });
  const writer = RecordingWriter.create(path);
  writer.close();
  const append = (): void => writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  for (const use of [append, () => writer.flush(), () => writer.close()]) {
    assert.throws(use, { code: 'ERR_SOCKFLOW_RECORDING_STATE' });
  }
});

test('options that cannot be are refused', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  for (const options of [
    { lanes: 0 },
    { lane: 2, lanes: 2 },
    { blockBytes: 1000 },
    { blockBytes: 32 << 20 },
    { laneGroups: 3 },
    { laneGroups: 128 },
    { windowMs: 0 },
    { recordingId: 'xyz' },
  ]) {
    assert.throws(() => RecordingWriter.create(path, options), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    });
  }
});

/** A child that writes for ever, and says after each append how many events it has written to the file. */
const FOR_EVER = `${PREAMBLE}
  import { writeSync } from 'node:fs';
  for (;;) {
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writeSync(1, writer.eventsWritten + ' ' + writer.eventsAppended + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
`;

test('a killed writer loses at most what it had not written, one block', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const lines = await killedAfter(t, 12, FOR_EVER, [path]);
  const [written, appended] = lines.at(-1)!.split(' ').map(Number) as [number, number];
  const recording = openRecording(path);
  const blockEvents = 65536 / 256;
  assert.ok(recording.events >= written, 'what was written is there');
  assert.ok(recording.events > appended - blockEvents - 1, 'at most a block is missing');
  const [lane] = (await replayAll(path, { tolerateDamage: true })).lanes;
  assert.deepEqual(lane!.events, repeatedTexts(recording.events));
  assert.ok(statSync(`${path}.part`).size > 0);
});
