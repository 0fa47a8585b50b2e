import assert from 'node:assert/strict';
import { test } from 'node:test';

import { untilAborted } from './until-aborted.ts';

test('items come as they are until the iterable ends', async () => {
  async function* items(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
  const seen = await collect(untilAborted(items(), new AbortController().signal));
  assert.deepEqual(seen, [1, 2]);
});

test('the signal ends it while it waits for an item that never comes, and a failure after it is nobody’s', async () => {
  const stop = new AbortController();
  let failLater: (error: Error) => void = () => {};
  async function* items(): AsyncGenerator<number> {
    yield 1;
    await new Promise((_, reject) => (failLater = reject));
  }
  const iterator = untilAborted(items(), stop.signal);
  assert.deepEqual(await iterator.next(), { value: 1, done: false });
  const next = iterator.next();
  stop.abort();
  assert.deepEqual(await next, { value: undefined, done: true });
  failLater(new Error('its source was closed'));
  await new Promise((resolve) => setImmediate(resolve));
});

test('an error of the iterable is thrown', async () => {
  // oxlint-disable-next-line require-yield -- it fails before there is anything to yield
  async function* items(): AsyncGenerator<number> {
    throw new RangeError('x');
  }
  await assert.rejects(collect(untilAborted(items(), new AbortController().signal)), RangeError);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
