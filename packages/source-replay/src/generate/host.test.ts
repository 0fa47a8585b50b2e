import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CPUS, Host } from './host.ts';
import { Random } from './random.ts';

const EPHEMERAL_PORTS = 28232;

test('hands out each ephemeral port once, and again after it was released', () => {
  const host = new Host(new Random('ports'));
  const ports = new Set<number>();
  for (let count = 0; count < EPHEMERAL_PORTS; count++) {
    ports.add(host.takePort(1));
  }
  assert.equal(ports.size, EPHEMERAL_PORTS);
  assert.equal(Math.min(...ports), 32768);
  assert.equal(Math.max(...ports), 60999);
  assert.equal(host.takePort(1), 0, 'none is left');
  assert.notEqual(host.takePort(2), 0, 'another namespace has its own');
  host.releasePort(1, 40_000);
  assert.equal(host.takePort(1), 40_000);
});

test('hands out socket cookies in batches per CPU: unique, not in order', () => {
  const host = new Host(new Random('cookies'));
  const cookies: number[] = [];
  for (let count = 0; count < 20_000; count++) {
    cookies.push(host.takeCookie(count % CPUS));
  }
  assert.equal(new Set(cookies).size, cookies.length);
  const isInOrder = cookies.every((cookie, index) => index === 0 || cookie > cookies[index - 1]!);
  assert.equal(isInOrder, false);
  // A CPU's own are consecutive within a batch.
  assert.equal(cookies[CPUS]! - cookies[0]!, 1);
});
