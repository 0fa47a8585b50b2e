import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { openRecording, originText, scanRecording } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';

import {
  assertRefused,
  LIVE_RECORDING,
  REAL_CONTEXT,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
} from './sockflow-command.ts';

const REAL_LINES = gunzipSync(readFileSync(REAL_CONTEXT)).toString('utf8').trimEnd().split('\n');
/** Not kept: the one is the line's number, the other is often another process. */
const NOT_KEPT = ['seq', 'current_pid'];

function rawFields(line: string): Record<string, unknown> {
  const fields = JSON.parse(line);
  for (const name of NOT_KEPT) delete fields[name];
  return fields;
}

test('raw events come back from a recording with every field exactly as it was, in their order', (t) => {
  const dir = useTempDir(t);
  const recording = join(dir, 'real.sfrec');
  const output = join(dir, 'back.ndjson');
  sockflowOk(['convert', '--from', 'context-json', REAL_CONTEXT, recording, '--hz', '250']);
  sockflowOk(['convert', '--to', 'context-json', recording, output]);
  const back = readFileSync(output, 'utf8').trimEnd().split('\n');
  assert.equal(back.length, REAL_LINES.length);
  for (const [index, line] of REAL_LINES.entries()) {
    assert.deepEqual(JSON.parse(back[index] ?? ''), rawFields(line), `event ${index}`);
  }
});

test('the raw fields of a recording make a recording with the same raw fields, through a pipe', (t) => {
  const again = join(useTempDir(t), 'again.sfrec');
  const first = sockflowOk(['convert', '--to', 'context-json', REAL_RECORDING, '-']).stdout;
  sockflowOk(['convert', '--from', 'context-json', '-', again], { input: first });
  assert.equal(sockflowOk(['convert', '--to', 'context-json', again, '-']).stdout, first);
});

test('decoded events have the time out in us by the HZ given, and none without one', (t) => {
  const dir = useTempDir(t);
  for (const [more, expected] of [
    [['--hz', '250'], 'number'],
    [[], 'undefined'],
  ] as const) {
    const recording = join(dir, 'hz.sfrec');
    sockflowOk(['convert', '--from', 'context-json', REAL_CONTEXT, recording, ...more]);
    const { stdout } = sockflowOk(['convert', recording, '-', '--to', 'ndjson']);
    const timeouts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((event) => event.op === 'RTO_CB');
    assert.ok(timeouts.length > 0);
    for (const event of timeouts) {
      assert.equal(typeof event.rtoUs, expected);
      assert.equal(event.wallNs, undefined, 'wall time is not known, and not guessed');
    }
  }
});

test('the boot time given is what wall times are counted from', (t) => {
  const recording = join(useTempDir(t), 'wall.sfrec');
  const args = ['convert', '--from', 'context-json', REAL_CONTEXT, recording];
  sockflowOk([...args, '--boot-time', '2026-01-01T00:00:00Z', '--origin', 'host-1']);
  const { stdout } = sockflowOk(['convert', recording, '-', '--to', 'ndjson']);
  const event = JSON.parse(stdout.slice(0, stdout.indexOf('\n')));
  const bootNs = BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n;
  assert.equal(BigInt(event.wallNs) - BigInt(event.tsNs), bootNs);
  assert.equal(event.originId, 'host-1');
});

test('a recording converts to a recording of the same events', (t) => {
  const copy = join(useTempDir(t), 'copy.sfrec');
  sockflowOk(['convert', REAL_RECORDING, copy]);
  const [one, other] = [REAL_RECORDING, copy].map(
    (path) => sockflowOk(['convert', '--to', 'context-json', path, '-']).stdout,
  );
  assert.equal(one, other);
});

test('a recording converts to CSV and msgpack, with the fields and names asked for, also compressed', (t) => {
  const dir = useTempDir(t);
  const fields = 'tsNs,op as operator,cookie,remoteAddress,srttUs';
  const json = sockflowOk(['convert', '--to', 'ndjson', REAL_RECORDING, '-', '--fields', fields]);
  const events = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const names = ['tsNs', 'operator', 'cookie', 'remoteAddress', 'srttUs'];
  const rows = events.map((event) => names.map((name) => event[name] ?? '').join(','));
  const table = [names.join(','), ...rows, ''].join('\r\n');
  const [plain, packed] = [join(dir, 'out.csv'), join(dir, 'out.csv.gz')];
  sockflowOk(['convert', REAL_RECORDING, plain, '--fields', fields]);
  sockflowOk(['replay', REAL_RECORDING, '--sink', packed, '--fields', fields]);
  assert.equal(readFileSync(plain, 'utf8'), table);
  assert.equal(gunzipSync(readFileSync(packed)).toString(), table);
  for (const name of ['out.msgpack', 'out.records.msgpack']) {
    sockflowOk(['convert', REAL_RECORDING, join(dir, name), '--fields', 'kind,op']);
    const bytes = readFileSync(join(dir, name));
    const ops = bytes.toString('latin1').split('RTT_CB').length - 1;
    assert.equal(ops, events.filter(({ operator }) => operator === 'RTT_CB').length, name);
  }
});

/** Every slot's record, and whose it is; the word behind the length is no part of it (F6). */
function slotsOf(path: string): string[] {
  const slots: string[] = [];
  scanRecording(openRecording(path), (memory, word, bytes, origin) => {
    const record = Buffer.from(memory.u8.subarray(word * 4 + 8, word * 4 + bytes));
    slots.push(`${originText(origin)} ${record.toString('hex')}`);
  });
  return slots;
}

test('with its origins, all of a recording comes back from its raw fields: every slot, marker and host', (t) => {
  const dir = useTempDir(t);
  const [both, made] = [join(dir, 'both.sfrec'), join(dir, 'made.sfrec')];
  sockflowOk(['slice', REAL_RECORDING, LIVE_RECORDING, both]);
  sockflowOk(['gen', made, '--connections', '200', '--seed', '7']);
  for (const [input, name] of [
    [both, 'both.context.ndjson'],
    [made, 'made.context.ndjson'],
  ] as const) {
    const [text, again] = [join(dir, name), join(dir, `${name}.sfrec`)];
    sockflowOk(['convert', '--to', 'context-json', '--with-origins', input, text]);
    sockflowOk(['convert', '--from', 'context-json', text, again]);
    const slots = slotsOf(input);
    assert.ok(slots.length > 1000);
    assert.deepEqual(slotsOf(again), slots);
    assert.equal(sockflow(['inspect', '--verify', again]).status, 0);
  }
  const piped = sockflowOk(['convert', '--to', 'context-json', '--with-origins', both, '-']).stdout;
  const again = join(dir, 'piped.sfrec');
  sockflowOk(['convert', '--from', 'context-json', '-', again], { input: piped });
  assert.deepEqual(slotsOf(again), slotsOf(both));
});

test('an origin told twice, one without an id, and decoded events as an input are refused with what to do', (t) => {
  const dir = useTempDir(t);
  const output = join(dir, 'out.sfrec');
  const input = '{"kind":"ORIGIN","id":"a"}\n';
  const from = ['convert', '--from', 'context-json', '-', output];
  const cases = [
    [[...from, '--hz', '250'], input, /--hz/, 'ERR_SOCKFLOW_INPUT_LINE', 3],
    [from, '{"kind":"ORIGIN"}\n', /line/, 'ERR_SOCKFLOW_INPUT_LINE', 3],
    [
      ['convert', '--from', 'ndjson', '-', output],
      '',
      /context-json/,
      'ERR_SOCKFLOW_INVALID_OPTION',
      2,
    ],
    [
      ['convert', '--from', 'csv', '-', output],
      '',
      /context-json/,
      'ERR_SOCKFLOW_INVALID_OPTION',
      2,
    ],
    [
      ['convert', '--with-origins', REAL_RECORDING, join(dir, 'x.csv')],
      '',
      /--to context-json/,
      'ERR_SOCKFLOW_INVALID_OPTION',
      2,
    ],
  ] as const;
  for (const [args, text, remedy, code, status] of cases) {
    assertRefused(sockflow(args, { input: text }), { status, code, place: /\S/, remedy });
  }
});
