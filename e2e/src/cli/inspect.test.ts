import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { Op, OP_NAMES, TcpState } from '@sockflow/core';
import { RecordingWriter } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';

import { REAL_CONTEXT, REAL_RECORDING, sockflowOk } from './sockflow-command.ts';

interface RawEvent {
  readonly op: number;
  readonly args: readonly number[];
  readonly cookie: string;
  readonly netns_cookie: string;
  readonly sk_err: number;
  readonly is_fullsock: number;
  readonly ts_boot_ns: string;
}

const raw: RawEvent[] = gunzipSync(readFileSync(REAL_CONTEXT))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const inspection = JSON.parse(sockflowOk(['inspect', REAL_RECORDING, '--json']).stdout);

function cookiesWith(isMeant: (event: RawEvent) => boolean): Set<string> {
  const events = raw.filter(isMeant);
  return new Set(events.map((event) => `${event.netns_cookie}:${event.cookie}`));
}

test('events by op are those of the raw events', () => {
  const counts = new Map<string, number>();
  for (const { op } of raw) {
    const name = OP_NAMES[op] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.deepEqual(new Map(Object.entries(inspection.ops)), counts);
  assert.equal(inspection.events, raw.length);
});

test('connections are told apart by network namespace and cookie, listeners beside them', () => {
  const listeners = cookiesWith(({ op }) => op === Op.TCP_LISTEN_CB);
  const all = cookiesWith(() => true);
  assert.equal(inspection.connections.listeners, listeners.size);
  assert.equal(inspection.connections.total, all.size - listeners.size);
});

test('retransmits and socket errors are those of the raw events', () => {
  const retransmitted = cookiesWith(({ op }) => op === Op.RETRANS_CB);
  assert.equal(inspection.connections.withRetransmits, retransmitted.size);
  const segments = raw
    .filter(({ op }) => op === Op.RETRANS_CB)
    .reduce((sum, { args }) => sum + (args[1] ?? 0), 0);
  const told: { retransmitted: number }[] = inspection.mostRetransmits;
  assert.equal(
    told.reduce((sum, connection) => sum + connection.retransmitted, 0),
    segments,
  );
  const refused = cookiesWith(
    ({ sk_err: error, is_fullsock: full }) => full === 1 && error === 111,
  );
  const errors: { errno: number; connections: number }[] = inspection.connections.errors;
  assert.equal(errors.find(({ errno }) => errno === 111)?.connections, refused.size);
});

test('each connection that failed is listed with what and when', () => {
  const failed = cookiesWith(
    ({ op, sk_err: error, is_fullsock: full }) => op === Op.RTO_CB || (full === 1 && error !== 0),
  );
  const failures: { errorName?: string; timeouts: number; failedUs: number }[] =
    inspection.failures;
  assert.equal(failures.length, failed.size);
  const [first] = failures;
  assert.equal(typeof first?.failedUs, 'number');
  const { stdout } = sockflowOk(['inspect', REAL_RECORDING]);
  const refused = stdout.match(/10\.203\.0\.\d+:\d+ +→ +\S+ .*ECONNREFUSED +\d+\.\d{3}$/gm) ?? [];
  const named = failures.filter(({ errorName }) => errorName === 'ECONNREFUSED');
  assert.ok(named.length > 0);
  assert.ok(refused.length > 0 && refused.length <= named.length, stdout);
  assert.match(stdout, /→ .* \d+ timeouts? +\d+\.\d{3}$/m);
});

test('role and fate are told by state changes and by the connect call alone', (t) => {
  const dir = useTempDir(t);
  const lines = gunzipSync(readFileSync(REAL_CONTEXT)).toString('utf8').trimEnd().split('\n');
  const kept = lines
    .filter((line) => [Op.STATE_CB, Op.TCP_CONNECT_CB].includes(JSON.parse(line).op))
    .map((line) => line.replace(/,"owner_[a-z]+":(?:"[^"]*"|\d+)/g, ''));
  writeFileSync(join(dir, 'states.ndjson'), kept.join('\n'));
  const args = ['convert', '--from', 'context-json', 'states.ndjson', 'states.sfrec'];
  sockflowOk(args, { cwd: dir });
  const told = JSON.parse(sockflowOk(['inspect', 'states.sfrec', '--json'], { cwd: dir }).stdout);
  const established = cookiesWith(
    ({ op, args: [, newState] }) => op === Op.STATE_CB && newState === TcpState.ESTABLISHED,
  );
  assert.ok(established.size > 0);
  assert.equal(told.connections.established, established.size);
  assert.ok(told.connections.client >= cookiesWith(({ op }) => op === Op.TCP_CONNECT_CB).size);
});

test('a listener that was there already is no server end', (t) => {
  const recording = join(useTempDir(t), 'existing.sfrec');
  const { op: _op, ...listener } = raw.find(({ op }) => op === Op.TCP_LISTEN_CB) ?? assert.fail();
  const snapshots = [
    { ...listener, kind: 'SNAPSHOT' },
    {
      ...listener,
      kind: 'SNAPSHOT',
      cookie: '1',
      state: TcpState.ESTABLISHED,
      remote_port: 9 << 16,
    },
  ];
  const input = snapshots.map((snapshot) => JSON.stringify(snapshot)).join('\n');
  sockflowOk(['convert', '--from', 'context-json', '-', recording], { input });
  const { connections } = JSON.parse(sockflowOk(['inspect', recording, '--json']).stdout);
  assert.deepEqual([connections.listeners, connections.total, connections.server], [1, 1, 1]);
});

test('RTT samples and the time span are those of the raw events', () => {
  const samples = raw.filter(({ op }) => op === Op.RTT_CB).map(({ args }) => args[0] ?? 0);
  assert.equal(inspection.rttUs.samples, samples.length);
  assert.equal(inspection.rttUs.low, Math.min(...samples));
  assert.equal(inspection.rttUs.high, Math.max(...samples));
  const sorted = samples.toSorted((a, b) => a - b);
  assert.equal(inspection.rttUs.isExact, true);
  assert.equal(inspection.rttUs.p50, sorted[Math.ceil(0.5 * sorted.length) - 1]);
  assert.equal(inspection.rttUs.p99, sorted[Math.ceil(0.99 * sorted.length) - 1]);
  const times = raw.map(({ ts_boot_ns: time }) => Number(time) / 1000);
  const [origin] = inspection.origins;
  assert.ok(Math.abs(origin.firstUs - Math.min(...times)) < 1);
  assert.ok(Math.abs(origin.lastUs - Math.max(...times)) < 1);
});

test('what is not known of an origin is said, and nothing is guessed', (t) => {
  const recording = join(useTempDir(t), 'bare.sfrec');
  sockflowOk(['convert', '--from', 'context-json', REAL_CONTEXT, recording]);
  const { stdout } = sockflowOk(['inspect', recording]);
  assert.match(stdout, /origin +unnamed-[0-9a-f]{8} +kernel not known, HZ not known/);
  assert.match(stdout, /wall clock not known/);
});

test('the wall clock is shown where the origin knows it', (t) => {
  const recording = join(useTempDir(t), 'wall.sfrec');
  const args = ['convert', '--from', 'context-json', REAL_CONTEXT, recording];
  sockflowOk([...args, '--boot-time', '2026-01-01T00:00:00Z', '--host', 'web-1']);
  assert.match(
    sockflowOk(['inspect', recording, '--time', 'utc']).stdout,
    /2026-01-01 01:20:24\.048Z to /,
  );
});

test('several parts that lanes wrote are inspected as one recording', (t) => {
  const dir = useTempDir(t);
  const args = ['replay', REAL_RECORDING, '--lanes', '2', '--sink', 'file:parts.sfrec'];
  sockflowOk(args, { cwd: dir });
  const whole = JSON.parse(sockflowOk(['inspect', 'parts.sfrec', '--json'], { cwd: dir }).stdout);
  assert.equal(whole.recording.parts.length, 2);
  assert.deepEqual(whole.ops, inspection.ops);
  assert.deepEqual(whole.connections, inspection.connections);
});

test('a recording without events says so, whatever is known of its origin', (t) => {
  const path = join(useTempDir(t), 'empty.sfrec');
  const clock = { bootNs: 1n, realtimeNs: 1_790_000_000_000_000_000n };
  RecordingWriter.create(path, { origin: { id: 'quiet-host', hz: 250, clock } }).close();
  const { stdout } = sockflowOk(['inspect', path]);
  assert.match(stdout, /quiet-host +kernel not known, HZ 250/);
  assert.doesNotMatch(stdout, /Infinity|NaN/);
  const json = JSON.parse(sockflowOk(['inspect', path, '--json']).stdout);
  assert.equal(json.origins[0].events, 0);
  assert.ok(!('firstUs' in json.origins[0]));
});
