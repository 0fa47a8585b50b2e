import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_CONTEXT, sockflow, sockflowOk } from './sockflow-command.ts';

const REAL_LINES = gunzipSync(readFileSync(REAL_CONTEXT)).toString('utf8').trimEnd().split('\n');

function convertArgs(input: string, output: string): string[] {
  return ['convert', '--from', 'context-json', input, output];
}

function eventsIn(path: string): number {
  return JSON.parse(sockflowOk(['inspect', path, '--json']).stdout).events;
}

test('a malformed line is refused by its number; the events before it are in the recording', (t) => {
  const dir = useTempDir(t);
  const good = REAL_LINES.slice(0, 40);
  const cases: readonly (readonly [line: string, message: RegExp])[] = [
    ['{"op": 1, ', /no JSON/],
    ['[1, 2]', /expected a JSON object, found a list/],
    ['null', /expected a JSON object, found null/],
    [(good[0] ?? '').replace('"op":11', '"op":256'), /op must be .* found 256/],
    [(good[0] ?? '').replace('"cookie":"68",', ''), /cookie/],
    [(good[0] ?? '').replace('"cookie":"68"', '"cookie":"-1"'), /cookie must be/],
  ];
  for (const [index, [line, message]] of cases.entries()) {
    const input = join(dir, `in-${index}.ndjson`);
    const output = join(dir, `out-${index}.sfrec`);
    writeFileSync(input, [...good, line, ...good].join('\n'));
    const run = sockflow(convertArgs(input, output));
    assertRefused(run, {
      status: 3,
      code: 'ERR_SOCKFLOW_INPUT_LINE',
      message,
      place: /in-\d\.ndjson, line 41\b/,
      remedy: /the events before it were converted/,
    });
    assert.equal(eventsIn(output), good.length);
    assert.equal(existsSync(output), false, 'what is not whole has no final name');
  }
});

test('a compressed input that ends early gives the events before its end', (t) => {
  const dir = useTempDir(t);
  const input = join(dir, 'cut.ndjson.gz');
  const output = join(dir, 'out.sfrec');
  const bytes = readFileSync(REAL_CONTEXT);
  writeFileSync(input, bytes.subarray(0, bytes.length >> 1));
  const run = sockflow(convertArgs(input, output));
  assertRefused(run, {
    status: 3,
    code: 'ERR_SOCKFLOW_INPUT_DAMAGED',
    place: /cut\.ndjson\.gz, at line \d+/,
    remedy: /gzip -t/,
  });
  const kept = eventsIn(output);
  assert.ok(kept > 500 && kept < REAL_LINES.length, `${kept} events`);
});

test('a line that is wrong, the first or a later one, leaves what lies under the output’s name', (t) => {
  const dir = useTempDir(t);
  const output = join(dir, 'out.sfrec');
  sockflowOk(convertArgs(REAL_CONTEXT, output));
  const before = readFileSync(output);
  const later = sockflow(convertArgs('-', output), { input: `${REAL_LINES[0]}\nno json\n` });
  assert.equal(later.status, 3, later.stderr);
  assert.equal(eventsIn(`${output}.part`), 1);
  assert.deepEqual(readFileSync(output), before);
  const run = sockflow(convertArgs('-', output), { input: 'no json\n' });
  assertRefused(run, {
    status: 3,
    code: 'ERR_SOCKFLOW_INPUT_LINE',
    place: /^standard input, line 1$/,
    remedy: /\S/,
  });
  assert.deepEqual(readFileSync(output), before);
});

test('an input without events makes an empty recording, with a warning', (t) => {
  const output = join(useTempDir(t), 'out.sfrec');
  const run = sockflowOk(convertArgs('-', output), { input: '\n\n' });
  assert.match(run.stderr, /warning the input has no event/);
  assert.equal(eventsIn(output), 0);
});

test('blank lines, a byte order mark, carriage returns and a missing last line feed are no matter', (t) => {
  const output = join(useTempDir(t), 'out.sfrec');
  const text = `\ufeff${REAL_LINES.slice(0, 3).join('\r\n\r\n')}`;
  sockflowOk(convertArgs('-', output), { input: text });
  assert.equal(eventsIn(output), 3);
});

test('compression is told by the bytes, not by the name, from standard input too', (t) => {
  const output = join(useTempDir(t), 'out.sfrec');
  const packed = gzipSync(REAL_LINES.slice(0, 5).join('\n'));
  sockflowOk(convertArgs('-', output), { input: packed });
  assert.equal(eventsIn(output), 5);
});

test('an input that is not there, or a directory, is refused', (t) => {
  const dir = useTempDir(t);
  for (const input of [join(dir, 'none.ndjson'), dir]) {
    const run = sockflow(convertArgs(input, join(dir, 'out.sfrec')));
    assertRefused(run, {
      status: 2,
      code: 'ERR_SOCKFLOW_INPUT_FILE',
      place: new RegExp(input),
      remedy: /standard input/,
    });
    assert.equal(existsSync(join(dir, 'out.sfrec')), false);
  }
});
