import assert from 'node:assert/strict';
import { test } from 'node:test';

import { networksParser, parseConnection, parseRatio, portsParser } from './option-parsers.ts';

const INVALID = { code: 'ERR_SOCKFLOW_INVALID_OPTION' };

test('ports are read as numbers and ranges, and add up over repeated options', () => {
  const parse = portsParser('--port');
  assert.deepEqual(parse('443,8000-8002', parse('22', undefined)), [22, 443, 8000, 8001, 8002]);
});

test('a port above 65535, a backward range and a word are refused', () => {
  const parse = portsParser('--port');
  for (const text of ['65536', '9-1', 'http', '', '1-', '-1']) {
    assert.throws(() => parse(text, undefined), INVALID, text);
  }
});

test('a network that the check refuses is refused with what one looks like', () => {
  const parse = networksParser('--cidr', (text) => {
    if (text === 'bad') throw new Error('because it is bad');
  });
  assert.deepEqual(parse('10.0.0.0/8, fd00::/8', ['::1']), ['::1', '10.0.0.0/8', 'fd00::/8']);
  assert.throws(() => parse('10.0.0.0/8,bad', undefined), {
    ...INVALID,
    message: /got 'bad'$/,
    remedy: /^Give --cidr a network such as/,
  });
});

test('a connection is named by its cookie, with its network namespace and its origin where needed', () => {
  assert.deepEqual(parseConnection('--connection', '4711'), { cookie: 4711n });
  assert.deepEqual(parseConnection('--connection', '19:18446744073709551615'), {
    cookie: 2n ** 64n - 1n,
    netnsCookie: 19n,
  });
  assert.deepEqual(parseConnection('--connection', 'web/1/19:7'), {
    cookie: 7n,
    netnsCookie: 19n,
    originId: 'web/1',
  });
});

test('what names no connection is refused', () => {
  for (const text of ['', 'x', '1:2:3', '18446744073709551616', '1:']) {
    assert.throws(() => parseConnection('--connection', text), INVALID, text);
  }
});

test('a share is read as a number, in percent and as a fraction', () => {
  assert.equal(parseRatio('--sample', '0.25'), 0.25);
  assert.equal(parseRatio('--sample', '10%'), 0.1);
  assert.equal(parseRatio('--sample', '1/16'), 1 / 16);
  assert.equal(parseRatio('--sample', '1'), 1);
});

test('a share of nothing, of more than all, or of no number is refused', () => {
  for (const text of ['0', '1.01', '101%', '3/2', '1/0', 'half', '-0.5']) {
    assert.throws(() => parseRatio('--sample', text), INVALID, text);
  }
});
