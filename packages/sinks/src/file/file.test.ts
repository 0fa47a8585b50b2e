import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { SlotMemory, type SinkWriter } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { skipTest, useTempDir } from '@sockflow/test-support';

import { batchOf } from '../batch-of.test.support.ts';
import { memory } from '../memory/memory.ts';
import { writeTo } from '../write-to.ts';
import { file } from './file.ts';

const ONE_LANE = { lane: 0, lanes: 1 };
const MEMORY = SlotMemory.allocate(256);
MEMORY.u32[0] = 248;
MEMORY.u32[2] = 1;

function eventsBatch(events: number): ReturnType<typeof batchOf> {
  return batchOf(
    MEMORY,
    Array.from({ length: events }, () => 0),
  );
}

function linesOf(path: string): unknown[] {
  const text = readFileSync(path, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'), 'the last line is whole');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

test('a file is called NAME.part until it is closed, and exactly NAME with one lane', async (t) => {
  const dir = useTempDir(t);
  const sink = file(join(dir, 'out.ndjson'));
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  await writer.write({ a: 1 });
  await writer.flush();
  assert.deepEqual(readdirSync(dir), ['out.ndjson.part']);
  assert.deepEqual(linesOf(join(dir, 'out.ndjson.part')), [{ a: 1 }]);
  const report = await writer.close();
  assert.deepEqual(readdirSync(dir), ['out.ndjson']);
  assert.deepEqual(report, { location: join(dir, 'out.ndjson'), bytesWritten: 8 });
});

test('two lanes write a part each, named by the lane before the extension', async (t) => {
  const dir = useTempDir(t);
  const sink = file(join(dir, 'out.ndjson'));
  await sink.prepare?.({ lanes: 2 });
  for (const lane of [0, 1]) {
    const writer = await sink.open({ lane, lanes: 2 });
    await writer.write({ lane });
    await writer.close();
  }
  assert.deepEqual(readdirSync(dir).toSorted(), ['out.0.ndjson', 'out.1.ndjson']);
  assert.deepEqual(linesOf(join(dir, 'out.1.ndjson')), [{ lane: 1 }]);
});

test('preparing removes what an earlier run left under the name, and nothing else', async (t) => {
  const dir = useTempDir(t);
  const kept = ['out.x.ndjson', 'out.json', 'other.ndjson', 'out.007.ndjson', 'out.100.ndjson'];
  const left = ['out.ndjson', 'out.0.ndjson', 'out.63.ndjson.part', 'out.ndjson.part'];
  for (const name of [...kept, ...left]) writeFileSync(join(dir, name), 'x');
  await file(join(dir, 'out.ndjson')).prepare?.({ lanes: 4 });
  assert.deepEqual(readdirSync(dir).toSorted(), kept.toSorted());
});

test('with one lane a complete output stays until the new one replaces it', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.ndjson');
  writeFileSync(path, '"old"\n');
  const sink = file(path);
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  await writer.write('new');
  await writer.flush();
  assert.deepEqual(linesOf(path), ['old']);
  await writer.close();
  assert.deepEqual(linesOf(path), ['new']);
});

test('closed as not complete, what was accepted stays NAME.part, which the report names, and a complete output beside it', async (t) => {
  for (const name of ['out.ndjson', 'out.sfrec', 'out.context.ndjson', 'out.txt']) {
    const path = join(useTempDir(t), name);
    const sink = file(path);
    const write = async (events: number, isComplete: boolean): Promise<string | undefined> => {
      await sink.prepare?.({ lanes: 1 });
      const writer = await sink.open(ONE_LANE);
      await writer.write(eventsBatch(events));
      const { location, bytesWritten } = await writer.close({ isComplete });
      assert.equal(writer.acknowledged, events);
      assert.equal(bytesWritten, statSync(location ?? '').size);
      return location;
    };
    assert.equal(await write(3, false), `${path}.part`);
    assert.equal(existsSync(path), false, name);
    assert.equal(await write(5, true), path);
    assert.equal(existsSync(`${path}.part`), false, name);
    const complete = readFileSync(path);
    assert.equal(await write(2, false), `${path}.part`);
    assert.deepEqual(readFileSync(path), complete, name);
  }
});

test('a recording that is not complete is read by its name, every event that was given', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const sink = file(path);
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  await writer.write(eventsBatch(7));
  await writer.close({ isComplete: false });
  const back = memory();
  await writeTo(fromReplay(path), back);
  assert.equal(back.events.length, 7);
});

test('a batch counts as its events, a value as one; acknowledged is what the system took', async (t) => {
  const sink = file(join(useTempDir(t), 'out.ndjson'));
  const writer = await sink.open(ONE_LANE);
  await writer.write(eventsBatch(10));
  await writer.write('value');
  assert.equal(writer.acknowledged, 0);
  await writer.flush();
  assert.equal(writer.acknowledged, 11);
  await writer.write(eventsBatch(1));
  await writer.close();
  assert.equal(writer.acknowledged, 12);
  assert.equal(writer.failed, 0);
});

test('what was given is in the file after a while without a flush', async (t) => {
  const dir = useTempDir(t);
  const writer = await file(join(dir, 'out.ndjson'), { flushAfterMs: 10 }).open(ONE_LANE);
  await writer.write(1);
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  assert.deepEqual(linesOf(join(dir, 'out.ndjson.part')), [1]);
  await writer.close();
});

test('closing twice gives the same report; writing afterwards is refused', async (t) => {
  const writer = await file(join(useTempDir(t), 'out.ndjson')).open(ONE_LANE);
  await writer.write(1);
  await writer.flush();
  await writer.flush();
  const first = await writer.close();
  assert.deepEqual(await writer.close(), first);
  assert.throws(() => writer.write(2), { code: 'ERR_SOCKFLOW_SINK_CLOSED' });
});

test('a path whose folder is missing, that is a folder or whose parent is a file is refused before a lane starts', async (t) => {
  const dir = useTempDir(t);
  mkdirSync(join(dir, 'folder.ndjson'));
  writeFileSync(join(dir, 'plain'), '');
  const cases = [
    ['none/out.ndjson', 'ENOENT'],
    ['folder.ndjson', 'EISDIR'],
    ['plain/out.ndjson', 'ENOTDIR'],
  ] as const;
  for (const [name, errno] of cases) {
    const path = join(dir, name);
    await assert.rejects(
      async () => file(path).prepare?.({ lanes: 1 }),
      (error: Error & { code: string; details: object; remedy: string }) => {
        assert.equal(error.code, 'ERR_SOCKFLOW_SINK_PATH');
        assert.ok(error.message.includes(path) && error.message.includes(errno), error.message);
        assert.ok(error.remedy.length > 10);
        assert.deepEqual({ ...error.details, syscall: 0 }, { path, errno, syscall: 0 });
        return true;
      },
    );
  }
  await assert.rejects(async () => file(join(dir, 'none/out.ndjson')).open(ONE_LANE), {
    code: 'ERR_SOCKFLOW_SINK_PATH',
  });
});

test('a folder that may not be written to is refused with the permission as its reason', async (t) => {
  if (process.getuid?.() === 0) {
    const dir = useTempDir(t);
    chmodSync(dir, 0o755);
    const script = `import { file } from ${JSON.stringify(new URL('./file.js', import.meta.url).href)};
      process.setgid(65534); process.setuid(65534);
      file(${JSON.stringify(join(dir, 'out.ndjson'))}).prepare({ lanes: 1 }).catch((e) => console.log(e.code, e.details.errno));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(child.stdout, 'ERR_SOCKFLOW_SINK_PATH EACCES\n', child.stderr);
    return;
  }
  const dir = useTempDir(t);
  chmodSync(dir, 0o555);
  await assert.rejects(async () => file(join(dir, 'out.ndjson')).prepare?.({ lanes: 1 }), {
    code: 'ERR_SOCKFLOW_SINK_PATH',
    details: { errno: 'EACCES' },
  });
});

/** A file system of 1 MiB, unmounted when the test ends; `undefined` where this machine lets nobody mount one. */
function smallFileSystem(t: TestContext): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-full-'));
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  t.after(() => {
    if (mount.status === 0) spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  if (mount.status === 0) return dir;
  skipTest(t, 'needs to mount a small tmpfs (root)');
  return undefined;
}

async function writeUntilRefused(writer: SinkWriter): Promise<{ given: number; error: unknown }> {
  let given = 0;
  for (;;) {
    given += 100;
    try {
      await writer.write(eventsBatch(100));
    } catch (error) {
      return { given, error };
    }
  }
}

test('a full disk ends the writing with an error, and everything acknowledged is there in whole lines', async (t) => {
  const dir = smallFileSystem(t);
  if (dir === undefined) return;
  const path = join(dir, 'out.ndjson');
  const sink = file(path);
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  const { given, error } = await writeUntilRefused(writer);
  assert.equal((error as { code: string }).code, 'ERR_SOCKFLOW_SINK_DISK_FULL');
  assert.match((error as Error).message, /out\.ndjson\.part.*ENOSPC/);
  const report = await writer.close();
  assert.equal(report.location, `${path}.part`);
  const lines = linesOf(`${path}.part`);
  assert.ok(lines.length > 2000);
  assert.equal(writer.acknowledged, lines.length);
  assert.equal(writer.acknowledged + writer.failed, given);
  assert.equal(report.bytesWritten, statSync(`${path}.part`).size);
  assert.equal(existsSync(path), false, 'an incomplete output has no final name');
});

test('a full disk under a recording leaves every acknowledged event readable', async (t) => {
  const dir = smallFileSystem(t);
  if (dir === undefined) return;
  const path = join(dir, 'out.sfrec');
  const sink = file(path);
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  const { given, error } = await writeUntilRefused(writer);
  assert.match((error as Error).message, /ENOSPC/);
  await writer.close();
  assert.equal(existsSync(path), false);
  assert.ok(writer.acknowledged > 1000);
  assert.equal(writer.acknowledged + writer.failed, given);
  const back = memory();
  await writeTo(fromReplay(path, { tolerateDamage: true }), back);
  assert.equal(back.events.length, writer.acknowledged);
});

test('a full disk that only the close finds is told by the close', async (t) => {
  const dir = smallFileSystem(t);
  if (dir === undefined) return;
  const writer = await file(join(dir, 'out.ndjson')).open(ONE_LANE);
  writeFileSync(join(dir, 'filler'), Buffer.alloc(1024 * 1024 - 4096));
  await writer.write('x'.repeat(100_000));
  await assert.rejects(async () => writer.close(), { code: 'ERR_SOCKFLOW_SINK_DISK_FULL' });
  assert.equal(writer.acknowledged, 0);
  assert.equal(writer.failed, 1);
  assert.equal(readFileSync(join(dir, 'out.ndjson.part'), 'utf8'), '');
});

test('an unknown encoding is refused with the nearest name, a name without a known extension with the remedy', () => {
  assert.throws(() => file('out.bin', { encoding: 'ndjosn' as 'ndjson' }), {
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    remedy: /Did you mean 'ndjson'/,
  });
  assert.throws(() => file('out.bin'), { code: 'ERR_SOCKFLOW_INVALID_OPTION', remedy: /encoding/ });
});

test('an encoding of events refuses a value, and the refusal is counted', async (t) => {
  const writer = await file(join(useTempDir(t), 'out.context.ndjson')).open(ONE_LANE);
  assert.throws(() => writer.write({ a: 1 }), {
    code: 'ERR_SOCKFLOW_SINK_INPUT',
    message: /file\(.*out\.context\.ndjson\) takes events only/,
  });
  await writer.close();
  assert.equal(writer.failed, 1);
});

test('the longest extension decides, and a lane is named before it', async (t) => {
  const dir = useTempDir(t);
  const writer = await file(join(dir, 'out.context.ndjson')).open({ lane: 3, lanes: 4 });
  await writer.close();
  assert.deepEqual(readdirSync(dir), ['out.3.context.ndjson']);
});

test('shared memory is a file system like others: several lanes write a part each', async (t) => {
  if (!existsSync('/dev/shm')) {
    skipTest(t, 'needs /dev/shm');
    return;
  }
  const dir = mkdtempSync('/dev/shm/sockflow-');
  t.after(() => rmSync(dir, { recursive: true }));
  const sink = file(join(dir, 'out.ndjson'));
  await sink.prepare?.({ lanes: 2 });
  for (const lane of [0, 1]) {
    const writer = await sink.open({ lane, lanes: 2 });
    await writer.write(eventsBatch(3));
    await writer.close();
  }
  assert.deepEqual(readdirSync(dir).toSorted(), ['out.0.ndjson', 'out.1.ndjson']);
});

test('a descriptor that is open is written where it stands, by all lanes', async (t) => {
  const path = join(useTempDir(t), 'all.ndjson');
  const fd = openSync(path, 'w');
  t.after(() => closeSync(fd));
  const sink = file(`/dev/fd/${fd}`, { encoding: 'ndjson' });
  await sink.prepare?.({ lanes: 2 });
  for (const lane of [0, 1]) {
    const writer = await sink.open({ lane, lanes: 2 });
    await writer.write(eventsBatch(3));
    await writer.close();
  }
  assert.equal(linesOf(path).length, 6);
});

test('a file is its own target by whatever path; standard output and devices may be shared', () => {
  assert.equal(file('out.ndjson').target, file('./x/../out.ndjson').target);
  assert.notEqual(file('out.ndjson').target, file('out.sfrec').target);
  for (const path of ['-', '/dev/null', '/dev/stderr']) {
    assert.equal(file(path, { encoding: 'ndjson' }).target, undefined);
  }
});

test('an output that could be a lane of another one is known as such', () => {
  const { target, otherTargets } = file('a/out.0.context.ndjson');
  assert.ok(file('a/out.context.ndjson').otherTargets?.includes(target ?? ''));
  assert.ok(!otherTargets?.includes(file('a/out.context.ndjson').target ?? ''));
  assert.equal(file('-').otherTargets, undefined);
});

test('a device is written as it is and stays', async () => {
  const sink = file('/dev/null', { encoding: 'ndjson' });
  await sink.prepare?.({ lanes: 2 });
  for (const lane of [0, 1]) {
    const writer = await sink.open({ lane, lanes: 2 });
    await writer.write(eventsBatch(1000));
    await writer.close();
    assert.equal(writer.acknowledged, 1000);
  }
  assert.equal(statSync('/dev/null').isCharacterDevice(), true);
  await assert.rejects(
    async () => file('/dev/null', { encoding: 'recording' }).prepare?.({ lanes: 2 }),
    {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    },
  );
});

test('a named pipe gets whole lines while its reader reads', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'pipe.ndjson');
  if (spawnSync('mkfifo', [path]).status !== 0) {
    skipTest(t, 'needs mkfifo');
    return;
  }
  const reader = spawn('cat', [path]);
  let text = '';
  reader.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const sink = file(path);
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open(ONE_LANE);
  await writer.write(eventsBatch(2000));
  await writer.close();
  await once(reader, 'close');
  assert.equal(text.trimEnd().split('\n').length, 2000);
  assert.deepEqual(readdirSync(dir), ['pipe.ndjson']);
});
