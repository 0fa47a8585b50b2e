import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type CapturedSegment, PacketCapture } from '@sockflow/test-support';
import { CbFlag, type EventObject, Op, parseTcpOptions, type TcpOption } from 'sockflow';

import { endsOf, isClosed, ofOp, only } from './events-of.ts';
import { type JoinedConnection, KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';
import { SockOpsProgram } from './sock-ops-program.ts';

const SYN = 2;
const SYN_ACK = 18;
const OPTION = 'fe045f0f';
const OPTION_BYTES = 4;
const WRITING = [Op.WRITE_HDR_OPT_CB, Op.STATE_CB];

function hexOf({ header }: CapturedSegment): string {
  return header.toString('hex');
}

test('each header that arrives is captured as it was on the wire, options included', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a } = scene;
  const capture = await PacketCapture.start(t, a);
  const live = await LiveRun.start(t, scene.cgroup, {
    ops: [Op.PARSE_HDR_OPT_CB, Op.STATE_CB],
    rtt: 'off',
  });
  const listener = await scene.echo();
  const joined = await scene.join(listener);
  await joined.near.exchange(5, 700);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const segments = await capture.stop();
  for (const [end, port] of [
    ['client', listener.port],
    ['server', joined.near.localPort],
  ] as const) {
    const parsed = ofOp(endsOf(live.events, joined)[end], 'PARSE_HDR_OPT_CB');
    const arrived = segments.filter(({ sourcePort }) => sourcePort === port);
    assertAreAmong(parsed, arrived);
    // What the kernel expects takes a fast path past its parser; a connection's start and end do not.
    assert.ok(parsed.some(({ tcpFlags }) => tcpFlags?.includes('FIN')));
  }
});

/** Expects that each event has the header and the length of a segment that arrived, in their order. */
function assertAreAmong(
  events: readonly EventObject[],
  segments: readonly CapturedSegment[],
): void {
  assert.ok(events.length > 0);
  let next = 0;
  for (const event of events) {
    next = segments.findIndex((one, index) => index >= next && hexOf(one) === event.tcpHeaderHex);
    const segment = segments[next++];
    assert.ok(
      segment !== undefined,
      `${event.tcpHeaderHex} was not on the wire, or not in this order`,
    );
    assert.equal(event.skbLen, segment.header.length + segment.payloadBytes);
    assert.equal(event.tcpFlags, flagsText(segment.flags));
  }
}

test('the options of a SYN-ACK are told by name, with the values of the wire, one of another program included', async (t) => {
  const scene = await KernelScene.use(t, { tools: ['clang'] });
  if (scene === undefined) return;
  SockOpsProgram.attach(t, 'option-writer', scene.cgroup);
  const capture = await PacketCapture.start(t, scene.a);
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.ACTIVE_ESTABLISHED_CB] });
  const joined = await scene.join(await scene.echo());
  const active = await live.find('the connection', ({ op }) => op === 'ACTIVE_ESTABLISHED_CB');
  await scene.close(joined);
  await live.stop();
  const synAck = only((await capture.stop()).filter(({ flags }) => flags === SYN_ACK));
  const header = Buffer.from(active.tcpHeaderHex ?? '', 'hex');
  const { options, isTruncated } = parseTcpOptions(header, header.length);
  assert.equal(options.map(bytesOf).join(''), synAck.options.toString('hex'));
  assert.equal(isTruncated, false);
  const names = ['MSS', 'SACK_PERMITTED', 'TIMESTAMPS', 'WINDOW_SCALE', 'EXPERIMENT'];
  for (const name of names)
    assert.ok(
      options.some((one) => one.name === name),
      name,
    );
});

/** An option as RFC 9293 and RFC 7323 lay it out, in hexadecimal. */
function bytesOf(option: TcpOption): string {
  const hex = (value: number, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');
  switch (option.name) {
    case 'NOP':
      return '01';
    case 'MSS':
      return `0204${hex(option.mssBytes, 2)}`;
    case 'WINDOW_SCALE':
      return `0303${hex(option.shift, 1)}`;
    case 'SACK_PERMITTED':
      return '0402';
    case 'TIMESTAMPS':
      return `080a${hex(option.value, 4)}${hex(option.echoReply, 4)}`;
    case 'EXPERIMENT':
      return `fe04${option.bytes}`;
    case 'END':
    case 'SACK':
    case 'FAST_OPEN':
    case 'MPTCP':
    case 'UNKNOWN':
    case 'MALFORMED':
    case 'TRUNCATED':
      throw new Error(`not in this SYN-ACK: ${JSON.stringify(option)}`);
  }
}

test('before each header its length is asked for, with the flags and the length of the segment to come', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const capture = await PacketCapture.start(t, scene.a);
  const live = await LiveRun.start(t, scene.cgroup, {
    ops: [Op.HDR_OPT_LEN_CB, Op.STATE_CB],
    rtt: 'off',
  });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(5, 700);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const segments = await capture.stop();
  for (const [end, port] of [
    ['client', joined.near.localPort],
    ['server', joined.far.localPort],
  ] as const) {
    const events = ofOp(endsOf(live.events, joined)[end], 'HDR_OPT_LEN_CB');
    const asked = events.filter(({ hdrOptMode }) => hdrOptMode !== 1);
    const sent = segments.filter(({ sourcePort }) => sourcePort === port);
    assert.deepEqual(
      asked.map(({ tcpFlags }) => tcpFlags),
      sent.map(({ flags }) => flagsText(flags)),
    );
    assert.deepEqual(
      asked.map(({ skbLen }) => skbLen),
      sent.map(({ payloadBytes }) => payloadBytes),
    );
    for (const event of events) assert.equal(event.tcpHeaderHex, undefined);
    for (const event of events.filter(({ hdrOptMode }) => hdrOptMode === 1)) {
      assert.equal(event.tcpFlags, undefined, 'no segment is to come');
    }
  }
});

function flagsText(flags: number): string {
  return ['FIN', 'SYN', 'RST', 'PSH', 'ACK'].filter((_, bit) => (flags >> bit) & 1).join('|');
}

test('an observer alone never sees a header being written', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const live = await LiveRun.start(t, scene.cgroup, { ops: WRITING, rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(2, 100);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.stop();
  assert.deepEqual(ofOp(live.events, 'WRITE_HDR_OPT_CB'), []);
});

for (const isFirst of [true, false]) {
  const order = isFirst ? 'before' : 'after';
  test(`where a program reserves room and runs ${order} ours, each header that is written is told as it is by then`, async (t) => {
    const scene = await KernelScene.use(t, { tools: ['clang'] });
    if (scene === undefined) return;
    const capture = await PacketCapture.start(t, scene.a);
    // Programs run in the order in which they were attached.
    if (isFirst) SockOpsProgram.attach(t, 'option-writer', scene.cgroup);
    const live = await LiveRun.start(t, scene.cgroup, { ops: WRITING, rtt: 'off' });
    if (!isFirst) SockOpsProgram.attach(t, 'option-writer', scene.cgroup);
    const joined = await scene.join(await scene.echo());
    await joined.near.exchange(3, 100);
    await scene.close(joined);
    await live.find('the end of the client', isClosed(joined.near));
    await live.find('the end of the server', isClosed(joined.far));
    await live.stop();
    const segments = await capture.stop();
    const told = endsOf(live.events, joined);
    for (const [events, { localPort }] of [
      [ofOp(told.client, 'WRITE_HDR_OPT_CB'), joined.near],
      [ofOp(told.server, 'WRITE_HDR_OPT_CB'), joined.far],
    ] as const) {
      const sent = segments.filter(({ sourcePort }) => sourcePort === localPort);
      assert.deepEqual(
        events.map(({ tcpFlags }) => tcpFlags),
        sent.map(({ flags }) => flagsText(flags)),
      );
      for (const [index, { options }] of sent.entries()) {
        assert.equal(options.subarray(-OPTION_BYTES).toString('hex'), OPTION, 'it was written');
        const header = Buffer.from(events[index]?.tcpHeaderHex ?? '', 'hex');
        // Options are there as far as they are written; the kernel fills in the fixed part later.
        const soFar = isFirst ? options : options.subarray(0, -OPTION_BYTES);
        assert.equal(header.subarray(20).toString('hex'), soFar.toString('hex'));
      }
    }
  });
}

test('an option unknown to the kernel tells the flag for unknown options from that for all', async (t) => {
  const scene = await KernelScene.use(t, { tools: ['clang'] });
  if (scene === undefined) return;
  const observed = scene.cgroup.child('observed');
  const plain = scene.cgroup.child('plain');
  observed.add(scene.server.pid);
  plain.add(scene.client.pid);
  for (const [flag, seesPlain] of [
    [CbFlag.PARSE_ALL_HDR_OPT, true],
    [CbFlag.PARSE_UNKNOWN_HDR_OPT, false],
  ] as const) {
    const live = await LiveRun.start(t, observed, {
      ops: [Op.PASSIVE_ESTABLISHED_CB, Op.PARSE_HDR_OPT_CB, Op.STATE_CB],
      cbFlags: flag,
      rtt: 'off',
    });
    const capture = await PacketCapture.start(t, scene.b);
    for (const hasOption of [false, true]) {
      const writer = hasOption ? SockOpsProgram.attach(t, 'option-writer', plain) : undefined;
      const listener = await scene.echo();
      const joined: JoinedConnection = await scene.join(listener);
      await joined.near.exchange(3, 100);
      await scene.close(joined);
      await live.find('the end of the server', isClosed(joined.far));
      const server = endsOf(live.events, joined).server;
      const parsed = ofOp(server, 'PARSE_HDR_OPT_CB');
      const arrived: CapturedSegment[] = capture
        .segments()
        .filter(({ sourcePort, flags }) => sourcePort === joined.near.localPort && flags !== SYN);
      // The handshake's own acknowledgement is told by op 5, never by op 13.
      const [first, ...others] = arrived;
      assert.equal(
        only(ofOp(server, 'PASSIVE_ESTABLISHED_CB')).tcpHeaderHex,
        first?.header.toString('hex'),
      );
      if (hasOption) {
        // The kernel's fast path knows no such option: each segment goes through the parser.
        assert.deepEqual(
          parsed.map(({ tcpHeaderHex }) => tcpHeaderHex),
          others.map(hexOf),
        );
      } else if (seesPlain) {
        assertAreAmong(parsed, others);
      } else {
        assert.equal(parsed.length, 0);
      }
      for (const event of parsed) assert.equal(event.tcpHeaderHex?.endsWith(OPTION), hasOption);
      writer?.detach();
    }
    await live.stop();
    await capture.stop();
  }
});
