import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCount, parseDurationNs, parseInteger, parseSize } from './quantities.ts';

const INVALID = { code: 'ERR_SOCKFLOW_INVALID_OPTION' };

test('sizes are read in binary and decimal units and without one', () => {
  assert.equal(parseSize('--size', '1GiB'), 2 ** 30);
  assert.equal(parseSize('--size', '64 mib'), 2 ** 26);
  assert.equal(parseSize('--size', '1.5k'), 1500);
  assert.equal(parseSize('--size', '4096'), 4096);
});

test('counts are read with k, M and G', () => {
  assert.equal(parseCount('--connections', '100k'), 100_000);
  assert.equal(parseCount('--connections', '2M'), 2_000_000);
  assert.equal(parseCount('--connections', '17'), 17);
});

test('durations are read to the ns', () => {
  assert.equal(parseDurationNs('--from', '250ms'), 250_000_000n);
  assert.equal(parseDurationNs('--from', '1.5min'), 90_000_000_000n);
  assert.equal(parseDurationNs('--from', '7ns'), 7n);
  assert.equal(parseDurationNs('--from', '1h30m'), 5_400_000_000_000n);
  assert.equal(parseDurationNs('--from', '1m30.5s'), 90_500_000_000n);
  for (const text of ['30m1h', '1h30', '1h 30m', '1h-30m', '5s5s', '1h2x']) {
    assert.throws(() => parseDurationNs('--from', text), INVALID, text);
  }
});

test('what is no quantity is refused, with what would be one', () => {
  for (const text of ['', 'much', '-5', '1 parsec', '1e400', '1GiBB', '0x10']) {
    assert.throws(() => parseSize('--size', text), INVALID, text);
    assert.throws(() => parseCount('--connections', text), INVALID, text);
    assert.throws(() => parseDurationNs('--from', text), INVALID, text);
  }
});

test('a whole number outside its range, or not whole, is refused', () => {
  assert.equal(parseInteger('--lanes', '64', 1, 64), 64);
  for (const text of ['0', '65', '1.5', '', 'two', '-1']) {
    assert.throws(() => parseInteger('--lanes', text, 1, 64), INVALID, text);
  }
});
