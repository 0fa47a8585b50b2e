import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, startSockflow, userEnv } from './sockflow-command.ts';

const WRITER = fileURLToPath(new URL('./recording-writer-child.js', import.meta.url));

/** A process that appends to a recording, ten events at a time. */
class Writer {
  readonly child: ChildProcess;
  #events = 0;

  constructor(t: TestContext, path: string) {
    this.child = spawn(process.execPath, [WRITER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => this.child.kill('SIGKILL'));
    createInterface(this.child.stdout!).on('line', (line) => (this.#events = Number(line)));
  }

  /** Resolves once so many events are in the file. */
  async written(events: number): Promise<void> {
    while (this.#events < events) await once(this.child.stdout!, 'data');
  }

  /** Lets it complete the recording. @returns events in it */
  async end(): Promise<number> {
    const closed = once(this.child, 'close');
    this.child.stdin!.end();
    await closed;
    return this.#events;
  }

  async kill(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

/** `sockflow replay --follow`, whose lines are counted. */
class Follower {
  readonly child: ChildProcess;
  readonly times: bigint[] = [];
  readonly #closed: Promise<unknown[]>;
  stderr = '';

  constructor(t: TestContext, path: string, more: readonly string[] = []) {
    const sink = 'console:?encoding=ndjson';
    this.child = startSockflow(['replay', path, '--follow', '--sink', sink, ...more]);
    t.after(() => this.child.kill('SIGKILL'));
    this.#closed = once(this.child, 'close');
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    createInterface(this.child.stdout!).on('line', (line) => {
      this.times.push(BigInt((JSON.parse(line) as { tsNs: string }).tsNs));
    });
  }

  async taken(events: number): Promise<void> {
    while (this.times.length < events) await once(this.child.stdout!, 'data');
  }

  async ended(): Promise<number> {
    const [status] = await this.#closed;
    return status as number;
  }
}

function eachOnce(times: readonly bigint[], events: number): void {
  assert.deepEqual(
    times.toSorted((a, b) => Number(a - b)),
    Array.from({ length: events }, (_, index) => BigInt(index + 1) * 1_000_000n),
  );
}

for (const lanes of ['1', '3']) {
  test(`with ${lanes} lanes, events of another process come while it writes, and the replay ends with the recording`, async (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    const writer = new Writer(t, path);
    await writer.written(10);
    const follower = new Follower(t, path, ['--lanes', lanes]);
    await follower.taken(50);
    const events = await writer.end();
    assert.equal(await follower.ended(), 0, follower.stderr);
    eachOnce(follower.times, events);
    assert.match(follower.stderr, /is read after/);
  });
}

test('a writer that was killed leaves what can be followed; one that begins anew is an error', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const first = new Writer(t, path);
  await first.written(10);
  const follower = new Follower(t, path);
  await follower.taken(30);
  await first.kill();
  const second = new Writer(t, path);
  await second.written(10);
  assert.equal(await follower.ended(), 3, follower.stderr);
  assert.match(follower.stderr, /error ERR_SOCKFLOW_RECORDING_REPLACED: .*while it was followed/);
  assert.ok(follower.times.length >= 30);
  eachOnce(follower.times, follower.times.length);
  await second.end();
});

test('a series goes on with the part of the next process, until Ctrl-C', async (t) => {
  const dir = useTempDir(t);
  const first = new Writer(t, join(dir, 'out.000001.sfrec'));
  await first.written(10);
  const follower = new Follower(t, join(dir, 'out.*.sfrec'));
  const firstEvents = await first.end();
  const second = new Writer(t, join(dir, 'out.000002.sfrec'));
  await second.written(10);
  await second.kill();
  const third = new Writer(t, join(dir, 'out.000003.sfrec'));
  const thirdEvents = await third.end();
  await follower.taken(firstEvents + 10 + thirdEvents);
  follower.child.kill('SIGINT');
  assert.equal(await follower.ended(), 130, follower.stderr);
  eachOnce(follower.times.slice(0, firstEvents), firstEvents);
});

test('a folder on standard input is refused as such', (t) => {
  const stdin = openSync(useTempDir(t), 'r');
  t.after(() => closeSync(stdin));
  const { status, stderr } = spawnSync(process.execPath, [SOCKFLOW, 'replay', '-'], {
    env: userEnv(),
    encoding: 'utf8',
    stdio: [stdin, 'pipe', 'pipe'],
  });
  assert.match(stderr, /error ERR_SOCKFLOW_RECORDING_READ: standard input is a directory/);
  assert.equal(status, 1);
});
