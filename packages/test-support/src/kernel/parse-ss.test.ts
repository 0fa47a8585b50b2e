import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSs } from './parse-ss.ts';

const ESTABLISHED =
  'ESTAB 0      0         10.203.0.1:44312  10.203.0.2:7000  ino:81234 sk:10a3 cgroup:/sockflow-test-1-0 <-> ts sack cubic wscale:7,7 rto:204 rtt:0.045/0.022 ato:40 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 bytes_sent:20000 bytes_acked:20001 bytes_received:400 segs_out:17 segs_in:12 data_segs_out:14 data_segs_in:2 send 2574Mbps lastsnd:4 pacing_rate 5148Mbps delivered:15 app_limited busy:4ms retrans:1/3 rcv_space:14480 rcv_ssthresh:64088 minrtt:0.031 snd_wnd:65536';
const LISTEN = 'LISTEN 0 511 *:7000 *:* ino:99 sk:2 cgroup:/ v6only:0 <->';
const IP6 = 'TIME-WAIT 0 0 [fd03::1]:5 [::ffff:10.203.0.2]:80 ino:0 sk:f0000000001';

test("an established socket's fields have the kernel's values, times in us", () => {
  const [socket] = parseSs(`${ESTABLISHED}\n`);
  assert.ok(socket !== undefined);
  assert.equal(socket.state, 'ESTAB');
  assert.deepEqual([socket.localAddress, socket.localPort], ['10.203.0.1', 44312]);
  assert.deepEqual([socket.remoteAddress, socket.remotePort], ['10.203.0.2', 7000]);
  assert.deepEqual(
    [socket.inode, socket.cookie, socket.cgroup],
    [81234, 0x10a3n, '/sockflow-test-1-0'],
  );
  assert.deepEqual(
    [socket.rttUs, socket.rttVarUs, socket.minRttUs, socket.rtoUs],
    [45, 22, 31, 204_000],
  );
  assert.deepEqual([socket.retransOut, socket.totalRetrans], [1, 3]);
  assert.equal(socket.numbers['bytes_acked'], 20_001);
  assert.equal(socket.numbers['cwnd'], 10);
  assert.ok(socket.words.has('ts') && socket.words.has('sack'));
});

test('listening and IPv6 sockets have their ends', () => {
  const [listen, ip6] = parseSs([LISTEN, IP6].join('\n'));
  assert.ok(listen !== undefined && ip6 !== undefined);
  assert.deepEqual([listen.localAddress, listen.localPort, listen.remotePort], ['*', 7000, 0]);
  assert.deepEqual([ip6.localAddress, ip6.localPort], ['fd03::1', 5]);
  assert.deepEqual([ip6.remoteAddress, ip6.cookie], ['::ffff:10.203.0.2', 0xf0000000001n]);
  assert.equal(ip6.rttUs, undefined);
});
