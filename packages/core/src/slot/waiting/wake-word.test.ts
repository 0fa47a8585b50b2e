import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { isSockflowError } from '../../errors.ts';
import { type WaitCondition, WakeWord } from './wake-word.ts';

/* Far longer than a wake-up takes, far shorter than LOST_MS: a wait whose wake-up was lost is seen without doubt. */
const WOKEN_MS = 4000;
const LOST_MS = 8000;

const NEVER: WaitCondition = { isReady: () => false };

function createWord(): { owner: WakeWord; peer: WakeWord; words: Int32Array } {
  const words = new Int32Array(new SharedArrayBuffer(8));
  return { owner: new WakeWord(words, 1), peer: new WakeWord(words, 1), words };
}

async function sleepMs(
  word: WakeWord,
  condition: WaitCondition,
  timeoutMs = LOST_MS,
): Promise<number> {
  const startMs = performance.now();
  await word.sleep(condition, timeoutMs);
  return performance.now() - startMs;
}

/** A condition that lets the peer act at a chosen step of the owner's: isReady is where the owner looks. */
function actingAt(
  step: (look: number, isDeclared: boolean) => boolean,
  words: Int32Array,
): WaitCondition {
  let look = 0;
  return { isReady: () => step(look++, Atomics.load(words, 1) === 1) };
}

test('a condition that comes true before the owner declares itself asleep is found by its second look', async () => {
  const { owner, peer, words } = createWord();
  let isTrue = false;
  let wakes = 0;
  const condition = actingAt((_, isDeclared) => {
    if (isDeclared) return isTrue;
    if (!isTrue) {
      isTrue = true;
      peer.wake();
      wakes++;
    }
    return false;
  }, words);
  assert.ok((await sleepMs(owner, condition)) < WOKEN_MS);
  assert.equal(wakes, 1);
});

test('a wake-up between the owner declaring itself asleep and sleeping is not lost', async () => {
  const { owner, peer, words } = createWord();
  let wakes = 0;
  // The second look still sees the old state, as a load just before the peer's store does.
  const condition = actingAt((_, isDeclared) => {
    if (isDeclared && wakes++ === 0) peer.wake();
    return false;
  }, words);
  assert.ok((await sleepMs(owner, condition)) < WOKEN_MS);
  assert.equal(wakes, 1);
});

test('a wake-up after the owner fell asleep ends the sleep', async () => {
  const { owner, peer } = createWord();
  setTimeout(() => peer.wake(), 5);
  assert.ok((await sleepMs(owner, NEVER)) < WOKEN_MS);
});

test('a late wake-up ends at most one later sleep, and the next sleeps on', async () => {
  const { owner, peer } = createWord();
  await owner.sleep(NEVER, 5);
  peer.wake();
  assert.ok((await sleepMs(owner, NEVER, 30)) > 20);
});

test('a condition that is true needs no sleep, and no turn of the event loop', async () => {
  const { owner } = createWord();
  let turns = 0;
  const immediate = setImmediate(() => turns++);
  await owner.sleep({ isReady: () => true }, LOST_MS);
  assert.equal(turns, 0);
  clearImmediate(immediate);
});

test('a sleep ends after its time-out, and the event loop turned meanwhile', async () => {
  const { owner } = createWord();
  let ticks = 0;
  const interval = setInterval(() => ticks++, 5);
  const sleptMs = await sleepMs(owner, NEVER, 100);
  clearInterval(interval);
  assert.ok(sleptMs >= 95, `slept ${sleptMs} ms`);
  assert.ok(ticks >= 2, `${ticks} ticks`);
});

test('closing ends a sleep under way and every later one, and the peer is told', async () => {
  const { owner, peer } = createWord();
  assert.equal(peer.wake(), true);
  setTimeout(() => {
    owner.close();
  }, 5);
  assert.ok((await sleepMs(owner, NEVER)) < WOKEN_MS);
  assert.ok((await sleepMs(owner, NEVER)) < WOKEN_MS);
  assert.equal(peer.wake(), false);
  assert.equal(peer.isClosed, true);
});

test('a second sleep at the same time is a named error', async () => {
  const { owner, peer } = createWord();
  const first = owner.sleep(NEVER, LOST_MS);
  await assert.rejects(
    owner.sleep(NEVER, LOST_MS),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_RING_STATE',
  );
  peer.wake();
  await first;
});

test('a thread that only sleeps stays alive until it is over', () => {
  const module = new URL(
    import.meta.url.endsWith('.ts') ? './wake-word.ts' : './wake-word.js',
    import.meta.url,
  );
  const script = `
    import { WakeWord } from ${JSON.stringify(module.href)};
    const words = new Int32Array(new SharedArrayBuffer(4));
    await new WakeWord(words, 0).sleep({ isReady: () => false }, 100);
    console.log('over');`;
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  assert.deepEqual({ stdout, status, stderr }, { stdout: 'over\n', status: 0, stderr: '' });
});

test('100,000 waits leave no memory behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { owner, peer } = createWord();
  async function waitMany(count: number): Promise<void> {
    for (let wait = 0; wait < count; wait++) {
      const sleep = owner.sleep(NEVER, LOST_MS);
      peer.wake();
      await sleep;
    }
  }
  await waitMany(10_000);
  collect();
  const before = process.memoryUsage();
  await waitMany(90_000);
  collect();
  const after = process.memoryUsage();
  // One waiter left behind per wait would be 90,000 times 100 bytes at least: 9 MB.
  assert.ok(after.heapUsed - before.heapUsed < 2e6, `heap ${after.heapUsed - before.heapUsed}`);
  assert.ok(after.rss - before.rss < 15e6, `rss ${after.rss - before.rss}`);
});
