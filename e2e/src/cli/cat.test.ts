import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import {
  assertRefused,
  LIVE_RECORDING,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
  startSockflow,
} from './sockflow-command.ts';

/** Of the real recording the wall clock is not known: beside another it is told. */
const MERGE_NOTE = /^(warning the wall clock of 'veth-pair' is not known: [^\n]*\n)?$/;

function linesOf(args: readonly string[]): string[] {
  const { stdout, stderr } = sockflowOk(['cat', ...args]);
  assert.match(stderr, MERGE_NOTE, args.join(' '));
  assert.ok(stdout.endsWith('\n'));
  return stdout.trimEnd().split('\n');
}

function isMarker(line: string): boolean {
  return line.startsWith('-- ');
}

test('each event is a line of the same first words, each marker one that begins with --', () => {
  const objects = sockflowOk(['convert', '--to', 'ndjson', LIVE_RECORDING, '-'])
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const lines = linesOf([LIVE_RECORDING]);
  assert.equal(lines.length, objects.length);
  for (const [index, object] of objects.entries()) {
    const line = lines[index] ?? '';
    const isOwn = object.kind === 'CLOCK_ANCHOR' || object.kind === 'LOSS_MARKER';
    assert.equal(isMarker(line), isOwn, line);
    if (isOwn) continue;
    const [time, op, local, arrow, remote, state] = line.trim().split(/\s+/);
    const wall = new Date(Number(BigInt(object.wallNs) / 1_000_000n)).toISOString();
    assert.equal(`${time?.slice(0, 23)}Z`, wall);
    assert.equal(op, object.kind === 'OP' ? object.op : object.kind);
    assert.ok(local?.endsWith(`:${object.localPort}`), line);
    assert.match(arrow ?? '', /^[-→←]$/);
    assert.ok(
      object.state === 'LISTEN' ? remote === '-' : remote?.endsWith(`:${object.remotePort}`),
    );
    assert.equal(state, object.state);
  }
});

test('facts, segment flags and the owner stand behind the state', () => {
  const lines = linesOf([REAL_RECORDING]);
  const has = (pattern: RegExp): void => {
    assert.ok(
      lines.some((line) => pattern.test(line)),
      String(pattern),
    );
  };
  has(/ STATE_CB .* SYN_SENT +→ ESTABLISHED +python3\[\d+\]$/);
  has(/ RTO_CB .* timeout \d+ ms +in a row \d+/);
  has(/ RETRANS_CB .* 1 segment +seq \d+/);
  has(/ PARSE_HDR_OPT_CB .* [A-Z|]*ACK/);
});

test('filters are those of replay, and --head ends after as many events', () => {
  const all = linesOf([REAL_RECORDING]);
  const losses = linesOf([REAL_RECORDING, '--op', 'RETRANS_CB,RTO_CB']);
  const expected = all.filter((line) => / (RETRANS_CB|RTO_CB) /.test(line));
  const words = (line: string): string[] => line.trim().split(/\s+/);
  assert.deepEqual(losses.map(words), expected.map(words));
  for (const count of ['1', '7', '3594']) {
    const first = linesOf([REAL_RECORDING, '-n', count]);
    assert.deepEqual(first.map(words), all.slice(0, Number(count)).map(words));
  }
  assert.equal(sockflowOk(['cat', REAL_RECORDING, '--head', '0']).stdout, '');
});

test('chosen fields are separated by commas, without a heading', () => {
  const lines = linesOf([REAL_RECORDING, '--fields', 'op,remotePort,state', '-n', '3']);
  assert.deepEqual(lines, [
    'TCP_LISTEN_CB,0,LISTEN',
    'TCP_CONNECT_CB,8001,SYN_SENT',
    'RWND_INIT,8001,SYN_SENT',
  ]);
});

test('several recordings come as one, and nothing of them is missing', () => {
  const [one, other] = [linesOf([REAL_RECORDING]), linesOf([LIVE_RECORDING])];
  const both = linesOf([REAL_RECORDING, LIVE_RECORDING]);
  const sorted = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replaceAll(/\s+/g, ' ').trim()).toSorted();
  assert.deepEqual(sorted(both), sorted([...one, ...other]));
});

test('no line is cut or wrapped, coloured only where colours are asked for', () => {
  const env = { COLUMNS: '60' };
  const plain = sockflowOk(['cat', REAL_RECORDING], { env }).stdout;
  assert.equal(plain.trimEnd().split('\n').length, 3595);
  assert.ok(!plain.includes('\u001b'));
  const colored = sockflowOk(['cat', REAL_RECORDING], { env: { ...env, FORCE_COLOR: '1' } }).stdout;
  assert.ok(colored.includes('\u001b[31mRETRANS_CB\u001b[0m'));
});

test('a reader that goes away ends it quietly', async () => {
  const child = startSockflow(['cat', REAL_RECORDING, REAL_RECORDING.replace('real', 'live')]);
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  await once(child.stdout ?? child, 'data');
  child.stdout?.destroy();
  const [status] = await once(child, 'exit');
  assert.equal(status, 0, stderr);
  assert.match(stderr, MERGE_NOTE);
});

test('what is whole of a damaged recording is printed, the loss in its place, and the damage is told', (t) => {
  const path = join(useTempDir(t), 'damaged.sfrec');
  const bytes = readFileSync(REAL_RECORDING);
  bytes[500_000]! ^= 1;
  writeFileSync(path, bytes);
  const run = sockflow(['cat', path]);
  assertRefused(run, {
    status: 3,
    code: 'ERR_SOCKFLOW_RECORDING_DAMAGED',
    place: /damaged\.sfrec, byte/,
    remedy: /--tolerate-damage/,
  });
  const lines = run.stdout.trimEnd().split('\n');
  const losses = lines.filter(isMarker);
  assert.equal(losses.length, 1);
  const lost = Number(/^-- (\d+) events lost .*damaged/.exec(losses[0] ?? '')?.[1]);
  assert.equal(lines.length - 1 + lost, 3595);
  const tolerated = sockflow(['cat', path, '--tolerate-damage']);
  assert.deepEqual([tolerated.status, tolerated.stdout], [0, run.stdout]);
});

test('a recording that is not there, and options that are not numbers, are refused', () => {
  assertRefused(sockflow(['cat', 'none.sfrec']), {
    status: 2,
    code: 'ERR_SOCKFLOW_RECORDING_MISSING',
    place: /none\.sfrec/,
    remedy: /path/,
  });
  assertRefused(sockflow(['cat', REAL_RECORDING, '-n', 'few']), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--head/,
    remedy: /count/,
  });
});
