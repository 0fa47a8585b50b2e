import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { useTempDir } from '@sockflow/test-support';

import { LIVE_RECORDING, REAL_CONTEXT, sockflowOk } from '../cli/sockflow-command.ts';
import { WORKSPACE } from '../workspace.ts';
import { decodeContext, type RawEvent } from './decode-context.ts';

const SYNTHETIC_CONTEXT = join(WORKSPACE, 'fixtures/synthetic-context.ndjson');
const HZ = 250;
/** Keys that the raw event has no counterpart of. */
const NOT_COMPARED = new Set(['kind', 'originId', 'wallNs']);

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const [what, path, leastKeys] of [
  ['real', REAL_CONTEXT, 40],
  ['synthetic', SYNTHETIC_CONTEXT, 20],
] as const) {
  test(`every ${what} event decodes to what a decoder of its own makes of the raw fields: no key more, none less`, (t) => {
    const dir = useTempDir(t);
    const recording = join(dir, 'events.sfrec');
    const output = join(dir, 'events.ndjson');
    sockflowOk(['convert', '--from', 'context-json', path, recording, '--hz', String(HZ)]);
    sockflowOk(['convert', recording, output]);
    const bytes = readFileSync(path);
    const raw = linesOf((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
    const seen = assertDecoded(raw, linesOf(readFileSync(output, 'utf8')));
    assert.ok(seen.size >= leastKeys, `${seen.size} keys were compared`);
  });
}

test('every event that our own kernel program recorded does too', (t) => {
  const dir = useTempDir(t);
  const [rawPath, output] = [join(dir, 'raw.ndjson'), join(dir, 'events.ndjson')];
  sockflowOk(['convert', LIVE_RECORDING, rawPath, '--to', 'context-json']);
  sockflowOk(['convert', LIVE_RECORDING, output]);
  const isOp = ({ kind = 'OP' }: Record<string, unknown>): boolean => kind === 'OP';
  const raw = linesOf(readFileSync(rawPath, 'utf8')).filter(isOp);
  const decoded = linesOf(readFileSync(output, 'utf8')).filter(isOp);
  assert.ok(raw.length > 900);
  const seen = assertDecoded(raw, decoded);
  assert.ok(seen.size >= 50, `${seen.size} keys were compared`);
});

/** Compares each line with what the raw fields of its event mean. @returns the keys that were there. */
function assertDecoded(
  raw: readonly Record<string, unknown>[],
  decoded: readonly Record<string, unknown>[],
): ReadonlySet<string> {
  assert.equal(decoded.length, raw.length);
  const seen = new Set<string>();
  for (const [index, fields] of raw.entries()) {
    const wanted = Object.entries(decodeContext(fields as RawEvent, HZ));
    const given = Object.entries(decoded[index] ?? {}).filter(([key]) => !NOT_COMPARED.has(key));
    for (const [key] of given) seen.add(key);
    assert.deepEqual(
      Object.fromEntries(given),
      Object.fromEntries(wanted.filter(([, value]) => value !== undefined)),
      `event ${index}: ${JSON.stringify(fields)}`,
    );
  }
  return seen;
}
