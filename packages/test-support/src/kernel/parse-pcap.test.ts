import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePcap } from './parse-pcap.ts';

const FILE_HEADER = 'd4c3b2a1020004000000000000000000a000000001000000';
/* A SYN with MSS, SACK, time stamps and window scale, by IPv4; and a segment of 4 bytes by IPv6. */
const ETHERNET4 = '0200000000020200000000010800';
const SYN4 =
  '4500003c1c4640004006b1e60acb00010acb0002' +
  'ad181b581234567800000000a002faf0fe320000' +
  '020405b40402080a0000000100000000010303ff';
const ETHERNET6 = '02000000000202000000000186dd';
const DATA6 =
  '6000000000180640' +
  'fd030000000000000000000000000001' +
  'fd030000000000000000000000000002' +
  '00501b58000000010000000250180200000000' +
  '00' +
  '01020304';

function packet(hex: string, seconds: number, micros: number): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  const header = Buffer.alloc(16);
  header.writeUInt32LE(seconds, 0);
  header.writeUInt32LE(micros, 4);
  header.writeUInt32LE(bytes.length, 8);
  header.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([header, bytes]);
}

const FILE = Buffer.concat([
  Buffer.from(FILE_HEADER, 'hex'),
  packet(ETHERNET4 + SYN4, 3, 5),
  packet(`${'ff'.repeat(12)}0806${'00'.repeat(28)}`, 3, 6),
  packet(ETHERNET6 + DATA6, 3, 7),
]);

test('segments have the numbers, flags and options that were on the wire', () => {
  const [syn, data, ...others] = parsePcap(FILE);
  assert.ok(syn !== undefined && data !== undefined);
  assert.equal(others.length, 0, 'what is not TCP is left out');
  assert.deepEqual([syn.sourceAddress, syn.sourcePort], ['10.203.0.1', 0xad18]);
  assert.deepEqual([syn.targetAddress, syn.targetPort], ['10.203.0.2', 7000]);
  assert.deepEqual([syn.timeUs, syn.seq, syn.ack, syn.flags], [3_000_005, 0x12345678, 0, 2]);
  assert.deepEqual([syn.header.length, syn.payloadBytes], [40, 0]);
  assert.equal(syn.options.subarray(0, 4).toString('hex'), '020405b4');
  assert.deepEqual(
    [data.isIp6, data.sourceAddress, data.targetAddress],
    [true, 'fd03::1', 'fd03::2'],
  );
  assert.deepEqual([data.flags, data.seq, data.ack, data.payloadBytes], [0x18, 1, 2, 4]);
});

test('a file that is being written gives its whole packets', () => {
  for (let length = 0; length < FILE.length; length++) {
    assert.ok(parsePcap(FILE.subarray(0, length)).length < 2);
  }
});
