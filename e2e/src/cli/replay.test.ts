import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const EXAMPLE =
  '--op ACTIVE_ESTABLISHED_CB,PARSE_HDR_OPT_CB --tcp-flags SYN,FIN --cb-flags RTT --cidr 10.203.0.0/16'.split(
    ' ',
  );

interface Event {
  readonly op: string;
  readonly [field: string]: string | number | boolean | undefined;
}

function eventsOf(path: string): Event[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function replayed(dir: string, filters: readonly string[]): Event[] {
  const out = join(dir, 'replayed.ndjson');
  sockflowOk(['replay', REAL_RECORDING, ...filters, '--sink', `file:${out}`]);
  return eventsOf(out);
}

function asSet(events: readonly Event[]): string[] {
  return events.map((event) => JSON.stringify(event)).toSorted();
}

test('the same events come out of one lane and of two, each connection in one part and in order', (t) => {
  const dir = useTempDir(t);
  const one = replayed(dir, EXAMPLE);
  const out = join(dir, 'out.ndjson');
  sockflowOk(['replay', REAL_RECORDING, ...EXAMPLE, '--lanes', '2', '--sink', `file:${out}`]);
  assert.equal(existsSync(out), false, 'with several lanes there are only parts');
  const parts = [0, 1].map((lane) => eventsOf(join(dir, `out.${lane}.ndjson`)));
  assert.ok(one.length > 0);
  assert.ok(
    parts.every((part) => part.length > 0),
    'both lanes have connections',
  );
  assert.deepEqual(asSet(parts.flat()), asSet(one));
  const cookies = parts.map(
    (part) => new Set(part.map(({ netnsCookie, cookie }) => `${netnsCookie}:${cookie}`)),
  );
  assert.ok([...(cookies[0] ?? [])].every((cookie) => cookies[1]?.has(cookie) === false));
  for (const part of parts) {
    const times = part.map(({ tsNs }) => BigInt(String(tsNs)));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    );
  }
});

test('the example’s events are the ones that pass its filters when each is decided by hand', (t) => {
  const dir = useTempDir(t);
  const all = replayed(dir, []);
  const expected = all.filter(
    (event) =>
      ['ACTIVE_ESTABLISHED_CB', 'PARSE_HDR_OPT_CB'].includes(event.op) &&
      /\b(SYN|FIN)\b/.test(String(event['tcpFlags'] ?? '')) &&
      /\bRTT\b/.test(String(event['cbFlags'] ?? '')) &&
      [event['localAddress'], event['remoteAddress']].some((address) =>
        String(address).startsWith('10.203.'),
      ),
  );
  assert.ok(expected.length > 0);
  assert.deepEqual(replayed(dir, EXAMPLE), expected);
});

test('without a sink, events are a table on stdout, and the summary is on stderr', () => {
  const run = sockflowOk(['replay', REAL_RECORDING, '--op', 'RETRANS_CB']);
  assert.match(run.stdout, /RETRANS_CB/);
  assert.match(run.stderr, /acked/);
});

test('filters that can match nothing are warned of, with the reason', () => {
  const flags = sockflowOk(['replay', REAL_RECORDING, '--op', 'RTT_CB', '--tcp-flags', 'SYN']);
  assert.match(flags.stderr, /^warning .*TCP flags matches nothing: RTT_CB carries none$/m);
  const op = sockflowOk(['replay', REAL_RECORDING, '--op', 'BASE_RTT', '--json']);
  assert.match(JSON.parse(op.stdout).warnings[0], /the recording has no BASE_RTT events/);
});

test('several sinks get the same events', (t) => {
  const dir = useTempDir(t);
  const sinks = ['a.ndjson', 'b.ndjson'].map((name) => join(dir, name));
  sockflowOk([
    'replay',
    REAL_RECORDING,
    '--op',
    'RTO_CB',
    ...sinks.flatMap((path) => ['--sink', `file:${path}`]),
  ]);
  assert.deepEqual(readFileSync(sinks[0] ?? ''), readFileSync(sinks[1] ?? ''));
});

test('a sink may not write over the recording that is read', (t) => {
  const copy = join(useTempDir(t), 'copy.sfrec');
  sockflowOk(['convert', REAL_RECORDING, copy]);
  const before = readFileSync(copy);
  assert.equal(sockflow(['replay', copy, '--sink', `file:${copy}`]).status, 2);
  assert.deepEqual(readFileSync(copy), before);
});

test('the name of a series gives the names of its parts; inspect of several says how', (t) => {
  const cwd = useTempDir(t);
  for (const time of ['20261124T094233.123Z', '20261124T094333.123Z'])
    copyFileSync(REAL_RECORDING, join(cwd, `kill.${time}.sfrec`));
  assertRefused(sockflow(['replay', 'kill.sfrec'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_RECORDING_MISSING',
    place: /kill\.sfrec/,
    remedy: /a series: name its parts: kill\.\*\.sfrec, in quotes with --follow/,
  });
  assertRefused(sockflow(['inspect', 'a.sfrec', 'b.sfrec'], { cwd }), {
    status: 2,
    code: 'ERR_SOCKFLOW_USAGE',
    place: /sockflow inspect/,
    remedy: /sockflow slice day\.\*\.sfrec all\.sfrec/,
  });
});
