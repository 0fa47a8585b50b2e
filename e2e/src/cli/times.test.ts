import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, LIVE_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const KOLKATA = { TZ: 'Asia/Kolkata', SOCKFLOW_TIME: '' };
/** A row or a line of `cat` begins with its time. */
const LOCAL_CLOCK = /^\d\d:\d\d:\d\d\.\d{6}\+05:30$/;
const LOCAL_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30$/;
const UTC_CLOCK = /^\d\d:\d\d:\d\d\.\d{6}$/;
const UTC_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** The first words of the lines that are events. */
function timesOf(args: readonly string[], env: NodeJS.ProcessEnv): string[] {
  return sockflowOk(args, { env })
    .stdout.trimEnd()
    .split('\n')
    .filter((line) => !/^ *(-- |TIME )/.test(line))
    .map((line) => line.trimStart().split(' ', 1)[0] ?? '');
}

function assertAll(times: readonly string[], pattern: RegExp): void {
  assert.ok(times.length > 100);
  const other = times.find((time) => !pattern.test(time));
  assert.equal(other, undefined, `not like ${pattern}`);
}

test('tables have local times with their offset in every lane, or UTC where --time says so', () => {
  for (const command of [
    ['replay', LIVE_RECORDING, '--lanes', '2'],
    ['watch', '--replay', LIVE_RECORDING, '--lanes', '2'],
  ]) {
    assertAll(timesOf(command, KOLKATA), LOCAL_CLOCK);
    assertAll(timesOf([...command, '--time', 'utc'], KOLKATA), UTC_CLOCK);
    assertAll(timesOf(command, { ...KOLKATA, SOCKFLOW_TIME: 'utc' }), UTC_CLOCK);
  }
  const sink = ['replay', LIVE_RECORDING, '--time', 'local', '--sink', 'console:?time=utc'];
  assertAll(timesOf(sink, KOLKATA), UTC_CLOCK);
});

test('cat has UTC unless it is asked for local times, which are the same moments', () => {
  const utc = timesOf(['cat', LIVE_RECORDING], KOLKATA);
  const local = timesOf(['cat', LIVE_RECORDING, '--time', 'local'], KOLKATA);
  assertAll(utc, UTC_DATE);
  assertAll(local, LOCAL_DATE);
  assert.deepEqual(local.map(Date.parse), utc.map(Date.parse));
  const since = timesOf(['cat', LIVE_RECORDING, '--from', local[100] ?? '', '-n', '1'], KOLKATA);
  assert.ok(Date.parse(since[0] ?? '') >= Date.parse(local[100] ?? ''));
});

test('inspect tells of both ends of a recording in the zone', () => {
  const spanOf = (args: readonly string[]): string[] => {
    const { stdout } = sockflowOk(['inspect', LIVE_RECORDING, ...args], { env: KOLKATA });
    return stdout.match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(Z|\+05:30)/g) ?? [];
  };
  const [local, utc] = [spanOf([]), spanOf(['--time', 'utc'])];
  assert.equal(local.length, 2);
  assert.ok(
    local.every((text) => text.endsWith('+05:30')) && utc.every((text) => text.endsWith('Z')),
  );
  assert.deepEqual(local.map(Date.parse), utc.map(Date.parse));
});

test('files are the same whatever zone is shown', (t) => {
  const dir = useTempDir(t);
  const written = ['ndjson', 'csv', 'txt'].map((extension) => join(dir, `out.${extension}`));
  const bytesIn = (env: NodeJS.ProcessEnv): string[] => {
    const sinks = written.flatMap((path) => ['--sink', `file:${path}`]);
    sockflowOk(['replay', LIVE_RECORDING, ...sinks, '--time', 'local'], { env });
    return written.map((path) => readFileSync(path, 'utf8'));
  };
  assert.deepEqual(bytesIn(KOLKATA), bytesIn({ TZ: 'UTC' }));
});

test('a zone that is none is refused, wherever it is said', () => {
  const refusal = { status: 2, place: /sockflow cat/, remedy: /cat --help/ };
  assertRefused(sockflow(['cat', LIVE_RECORDING, '--time', 'mars']), {
    ...refusal,
    code: 'ERR_SOCKFLOW_USAGE',
    message: /'mars' is invalid\. Allowed choices are local, utc/,
  });
  assertRefused(sockflow(['cat', LIVE_RECORDING], { env: { SOCKFLOW_TIME: 'mars' } }), {
    ...refusal,
    code: 'ERR_SOCKFLOW_USAGE',
    message: /'mars' from env 'SOCKFLOW_TIME' is invalid/,
  });
  assertRefused(sockflow(['replay', LIVE_RECORDING, '--sink', 'console:?time=utd']), {
    status: 2,
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    message: /unknown time 'utd'/,
    place: /--sink console/,
    remedy: /Did you mean 'utc'/,
  });
});
