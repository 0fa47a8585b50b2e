import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

const READERS = ['inspect', 'replay', 'explain'];
const REAL_EVENTS = 3595;

/** Events in a file; the marker that stands where some were lost is none. */
function countLines(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => JSON.parse(line).kind !== 'LOSS_MARKER').length;
}

/** Each command that reads a recording, with the file. */
function assertAllRefuse(path: string, code: string, status: number, remedy: RegExp): void {
  for (const command of READERS) {
    const run = sockflow([command, path]);
    assert.equal(run.stdout, '', command);
    assertRefused(run, { status, code, place: /\S/, remedy });
    assert.ok(run.stderr.includes(path), `${command} names the file`);
  }
}

test('a recording that is not there is refused', (t) => {
  const path = join(useTempDir(t), 'none.sfrec');
  assertAllRefuse(path, 'ERR_SOCKFLOW_RECORDING_MISSING', 2, /\S/);
});

test('a file that is no recording is refused', (t) => {
  const path = join(useTempDir(t), 'text.sfrec');
  writeFileSync(path, 'not a recording, but long enough to be one\n'.repeat(100));
  assertAllRefuse(path, 'ERR_SOCKFLOW_NOT_A_RECORDING', 3, /convert|recording/);
});

test('an empty file is refused', (t) => {
  const path = join(useTempDir(t), 'empty.sfrec');
  writeFileSync(path, '');
  assertAllRefuse(path, 'ERR_SOCKFLOW_RECORDING_EMPTY', 3, /\S/);
});

test('a directory is refused', (t) => {
  const path = join(useTempDir(t), 'folder.sfrec');
  mkdirSync(path);
  assertAllRefuse(path, 'ERR_SOCKFLOW_NOT_A_RECORDING', 3, /\S/);
});

test('a recording of a newer format is refused with the advice to take a newer version', (t) => {
  const path = join(useTempDir(t), 'newer.sfrec');
  const bytes = readFileSync(REAL_RECORDING);
  bytes.writeUInt16LE(2, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  writeFileSync(path, bytes);
  assertAllRefuse(path, 'ERR_SOCKFLOW_RECORDING_VERSION', 3, /newer/);
});

test('a recording cut anywhere gives every whole block, names what is lost and ends with 3, or 0 where damage is tolerated', (t) => {
  const dir = useTempDir(t);
  const source = join(dir, 'many.sfrec');
  sockflowOk(['gen', source, '--size', '4MiB', '--seed', '3']);
  const bytes = readFileSync(source);
  const whole = countEvents(dir, source, []);
  for (const share of [0.3, 0.71]) {
    const path = join(dir, `cut-${share}.sfrec`);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * share)));
    const out = join(dir, `cut-${share}.ndjson`);
    const run = sockflow(['replay', path, '--sink', `file:${out}`]);
    assertRefused(run, {
      status: 3,
      code: 'ERR_SOCKFLOW_RECORDING_DAMAGED',
      message: /lost; what came after is not known/,
      place: /cut-/,
      remedy: /\S/,
    });
    assertLossIsOpen(path);
    const kept = countLines(out);
    assert.ok(kept > 0 && kept < whole, `${kept} of ${whole}`);
    assert.equal(countEvents(dir, path, ['--tolerate-damage']), kept);
  }
});

/** Nothing says how many events a cut cost: no text may sound as if. */
function assertLossIsOpen(path: string): void {
  const json = JSON.parse(sockflow(['inspect', path, '--json']).stdout);
  assert.equal(json.lost.isLowerBound, true);
  const { stdout } = sockflow(['inspect', path]);
  assert.match(stdout, /lost +(?:at least [\d,]+ events? lost|how many is not known)/);
  assert.match(stdout, /damage .*lost; what came after is not known/);
}

function countEvents(dir: string, path: string, more: readonly string[]): number {
  const out = join(dir, 'counted.ndjson');
  const run = sockflowOk(['replay', path, '--sink', `file:${out}`, '--json', ...more]);
  const summary = JSON.parse(run.stdout);
  assert.equal(summary.ledger.total.outputs[0].out, countLines(out));
  return countLines(out);
}

test('a flipped bit costs its block and no other', (t) => {
  const dir = useTempDir(t);
  const source = join(dir, 'many.sfrec');
  sockflowOk(['gen', source, '--size', '4MiB', '--seed', '4']);
  const bytes = readFileSync(source);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const path = join(dir, 'flipped.sfrec');
  writeFileSync(path, bytes);
  const refused = sockflow(['replay', path, '--sink', `file:${join(dir, 'a.ndjson')}`, '--json']);
  assert.equal(refused.status, 3);
  const summary = JSON.parse(refused.stdout);
  const { read, bad } = summary.ledger.total;
  assert.ok(bad > 0 && read > bad, `read ${read}, bad ${bad}`);
  assert.equal(read + bad, countEvents(dir, source, []));
  const inspected = sockflow(['inspect', path]);
  assert.equal(inspected.status, 3);
  assert.match(inspected.stdout, /damage +\S.*checksum/);
  assertRefused(inspected, {
    status: 3,
    code: 'ERR_SOCKFLOW_RECORDING_DAMAGED',
    place: /flipped/,
    remedy: /\S/,
  });
  assert.equal(sockflow(['inspect', path, '--tolerate-damage']).status, 0);
});

test('wherever a recording is cut or a bit is flipped: one error, exit code 3, and what is given is a part of what there was', (t) => {
  const dir = useTempDir(t);
  const bytes = readFileSync(REAL_RECORDING);
  const whole = sockflowOk(['convert', REAL_RECORDING, '-', '--to', 'ndjson']).stdout.split('\n');
  const path = join(dir, 'spoilt.sfrec');
  const headerBytes = bytes.readUInt32LE(12);
  const cuts = [63, headerBytes + 70, 200_000, bytes.length - 1];
  // Magic, field table, origin, payload, trailer.
  const flips = [0, 70, headerBytes + 80, 500_000, bytes.length - 1];
  const spoilt = [
    ...cuts.map((at) => bytes.subarray(0, at)),
    ...flips.map((at) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      return copy;
    }),
  ];
  for (const [index, file] of spoilt.entries()) {
    writeFileSync(path, file);
    const run = sockflow(['convert', path, '-', '--to', 'ndjson']);
    const place = `spoilt file ${index}`;
    assertRefused(run, {
      status: 3,
      code: 'ERR_SOCKFLOW_RECORDING_DAMAGED',
      place: /spoilt\.sfrec/,
      remedy: /\S/,
    });
    const lines = run.stdout.split('\n').filter((line) => !line.includes('LOSS_MARKER'));
    const known = new Set(whole);
    assert.ok(
      lines.every((line) => known.has(line)),
      place,
    );
    const isLossless = /no event lost/.test(run.stderr);
    assert.equal(lines.length === whole.length, isLossless, `${place}: ${run.stderr}`);
  }
});

test('a recording whose writer was killed is read by its final name, and said to be unfinished', (t) => {
  const path = join(useTempDir(t), 'killed.sfrec');
  const bytes = readFileSync(REAL_RECORDING);
  const indexOffset = Number(bytes.readBigUInt64LE(bytes.length - 128 + 64));
  writeFileSync(`${path}.part`, bytes.subarray(0, indexOffset));
  for (const args of [
    ['replay', path, '--json'],
    ['convert', path, '-', '--to', 'ndjson'],
  ]) {
    const run = sockflowOk(args);
    assert.match(run.stderr, /^warning .*killed\.sfrec\.part' is unfinished/m);
  }
  const { events } = JSON.parse(sockflowOk(['inspect', path, '--json']).stdout);
  assert.equal(events, REAL_EVENTS);
});

test('the real recording has no damage', () => {
  const { stdout } = sockflowOk(['inspect', REAL_RECORDING, '--json']);
  const inspection = JSON.parse(stdout);
  assert.deepEqual(inspection.recording.damage, []);
  assert.equal(inspection.lost.isLowerBound, false);
  assert.equal(inspection.events, REAL_EVENTS);
});
