import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { fromReplay, OP_NAMES } from 'sockflow';

import { runCommand, WORKSPACE } from './workspace.ts';

const RECORDING = join(WORKSPACE, 'fixtures/real.sfrec');

/** Events by the name of their op, counted without filters, lanes or sinks. */
async function countByOp(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  await fromReplay(RECORDING).forEach((batch) => {
    for (const { op } of batch) {
      const name = OP_NAMES[op] ?? '';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  });
  return counts;
}

test('examples/custom-sink: a sink in a module of one’s own counts every event, in two lanes', async (t) => {
  const path = join(useTempDir(t), 'tcp.prom');
  const sink = `module:./my-sink.js?path=${path}`;
  const summary = runCommand(
    'npx',
    ['--no-install', 'sockflow', 'replay', RECORDING, '--lanes', '2', '--sink', sink, '--json'],
    { cwd: join(WORKSPACE, 'examples/custom-sink') },
  );
  const counts = new Map<string, number>();
  for (const lane of [0, 1]) {
    const text = readFileSync(path.replace('.prom', `.${lane}.prom`), 'utf8');
    for (const [, op = '', count] of text.matchAll(/op="([A-Z_]+)"\} (\d+)$/gm)) {
      counts.set(op, (counts.get(op) ?? 0) + Number(count));
    }
    assert.ok(summary.includes(`tcp.${lane}.prom`), 'the summary says where it lies');
  }
  assert.deepEqual(counts, await countByOp());
});

test('examples/in-process: tells the handshakes that the traffic made, the one with a lost SYN first', () => {
  const output = runCommand('node', ['examples/in-process/dist/main.js'], { cwd: WORKSPACE });
  const did = readFileSync(join(WORKSPACE, 'fixtures/real-did.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; connections: number });
  const answered = did
    .filter(({ what }) => !['refused', 'blackhole', 'halfopen'].includes(what))
    .reduce((sum, { connections }) => sum + connections, 0);
  assert.match(output, new RegExp(`^${answered} handshakes, half of them within \\d+ us\n`));
  const [, slowestUs] = /^ *(\d+) us {2}fd03::1:32950 > fd03::2:8002$/m.exec(output) ?? [];
  // A SYN is sent again after one second.
  assert.ok(Number(slowestUs) > 1_000_000 && Number(slowestUs) < 1_100_000, output);
});
