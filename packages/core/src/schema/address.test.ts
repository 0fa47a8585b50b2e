import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { formatIp4, formatIp6 } from './address.ts';

const GROUP = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const GROUPS = fc.array(GROUP, { minLength: 8, maxLength: 8 });

/** Eight groups as they lie in memory: network order, read as little-endian words. */
function words(groups: readonly number[]): [number, number, number, number] {
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, index * 2);
  return [
    bytes.readUInt32LE(0),
    bytes.readUInt32LE(4),
    bytes.readUInt32LE(8),
    bytes.readUInt32LE(12),
  ];
}

/** What WHATWG URL makes of an address: the compression of RFC 5952. */
function byUrl(groups: readonly number[]): string {
  const host = groups.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${host}]/`).hostname.slice(1, -1);
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

test('any IPv4 address reads as its four bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      const text = formatIp4(Buffer.from(bytes).readUInt32LE(0));
      assert.equal(text, [...bytes].join('.'));
      assert.ok(isIPv4(text));
    }),
  );
});

test('any IPv6 address reads as RFC 5952 has it', () => {
  fc.assert(
    fc.property(GROUPS, (groups) => {
      const text = formatIp6(...words(groups));
      if (isMapped(groups)) assert.ok(isIPv4(text));
      else assert.equal(text, byUrl(groups));
      assert.ok(isIPv4(text) || isIPv6(text));
    }),
    { numRuns: 2000 },
  );
});

/* RFC 5952: 4.2.2 one zero group is not shortened, 4.2.3 the longest run, the first of equal ones; 4.3 lower case. */
const CASES: readonly (readonly [readonly number[], string])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
  [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  [[1, 0, 0, 0, 0, 0, 0, 0], '1::'],
  [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
  [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
  [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
  [[0, 0xab, 0, 0, 0, 0xcd, 0, 0], '0:ab::cd:0:0'],
  [[0xfe80, 0, 0, 0, 0, 0, 0, 0xabcd], 'fe80::abcd'],
  [[1, 2, 3, 4, 5, 6, 7, 8], '1:2:3:4:5:6:7:8'],
];

for (const [groups, text] of CASES) {
  test(`writes ${text} for ${groups.map((group) => group.toString(16)).join(' ')}`, () => {
    assert.equal(formatIp6(...words(groups)), text);
  });
}

test('a v4-mapped address reads as the IPv4 address it maps', () => {
  assert.equal(formatIp6(...words([0, 0, 0, 0, 0, 0xffff, 0x0acb, 0x0001])), '10.203.0.1');
  assert.equal(formatIp6(...words([0, 0, 0, 0, 0, 0xfffe, 0x0acb, 0x0001])), '::fffe:acb:1');
  assert.equal(formatIp6(...words([0, 0, 0, 0, 1, 0xffff, 0x0acb, 0x0001])), '::1:ffff:acb:1');
});
