import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { runCommand, WORKSPACE } from './workspace.ts';

const RTO_CB = 8;
const RETRANS_CB = 9;

interface RawEvent {
  readonly op: number;
  readonly args: readonly number[];
  readonly local_port: number;
  readonly remote_port: number;
}

/** What the traffic generator did, one line a kind of connection. */
interface Did {
  readonly what: string;
  readonly port: number;
  readonly client_ports?: readonly number[];
}

/** One line of the table. */
interface Row {
  readonly localPort: number;
  readonly serverPort: number;
  readonly retransmits: number;
  readonly timeouts: number;
  readonly isAnswered: boolean;
}

function fixtureLines<T>(name: string): T[] {
  const bytes = readFileSync(join(WORKSPACE, 'fixtures', name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function rowsOf(output: string): Row[] {
  const pattern =
    /^ *\S+:(\d+) > \S+:(\d+) +(\d+) +(\d+)(?: \(up to \d+ ms\))? +(no answer|[\d.]+ \/)/gm;
  return [...output.matchAll(pattern)].map(([, local, server, segments, timeouts, rtt]) => ({
    localPort: Number(local),
    serverPort: Number(server),
    retransmits: Number(segments),
    timeouts: Number(timeouts),
    isAnswered: rtt !== 'no answer',
  }));
}

/** Segments and timeouts by the connecting end's port, straight from the raw fields: nothing of ours in between. */
function expectedCounts(): Map<number, { retransmits: number; timeouts: number }> {
  const counts = new Map<number, { retransmits: number; timeouts: number }>();
  for (const { op, args, local_port: port } of fixtureLines<RawEvent>('real-context.ndjson.gz')) {
    if (op !== RETRANS_CB && op !== RTO_CB) continue;
    const known = counts.get(port) ?? { retransmits: 0, timeouts: 0 };
    if (op === RETRANS_CB) known.retransmits += args[1] ?? 0;
    else known.timeouts++;
    counts.set(port, known);
  }
  return counts;
}

function lineCount(path: string): number {
  return readFileSync(join(WORKSPACE, path), 'utf8').split('\n').length - 1;
}

describe('the demo', () => {
  let output = '';
  before(() => {
    output = runCommand('node', ['scripts/demo.mjs'], { cwd: WORKSPACE });
  });

  test('tells which connections retransmitted, as the raw events and the traffic have it', () => {
    const rows = rowsOf(output);
    const expected = expectedCounts();
    assert.deepEqual(
      new Map(
        rows.map(({ localPort, retransmits, timeouts }) => [localPort, { retransmits, timeouts }]),
      ),
      expected,
    );

    const did = fixtureLines<Did>('real-did.ndjson');
    const what = (row: Row): Did | undefined => did.find(({ port }) => port === row.serverPort);
    const retransmitted = rows.filter(({ retransmits }) => retransmits > 0);
    assert.deepEqual(
      new Set(retransmitted.map((row) => what(row)?.what)),
      new Set(['loss', 'stall', 'blackhole', 'halfopen']),
    );
    for (const row of retransmitted) {
      const { what: kind, client_ports: clientPorts } = what(row) ?? {};
      if (clientPorts !== undefined)
        assert.ok(clientPorts.includes(row.localPort), `${row.localPort}`);
      assert.equal(row.isAnswered, kind === 'loss' || kind === 'stall', `answers to ${kind}`);
    }
  });

  test('accounts for every event and says where its output lies', () => {
    const events = fixtureLines<RawEvent>('real-context.ndjson.gz');
    const losses = events.filter(({ op }) => op === RETRANS_CB || op === RTO_CB).length;
    assert.match(
      output,
      new RegExp(`recorded ${events.length} = read \\d+ \\+ skipped \\d+ \\+ bad 0`),
    );
    assert.match(output, new RegExp(`given ${losses} = acknowledged ${losses} \\+ failed 0`));
    const [, written = ''] = /^Written\n((?: {2}\S+\n)+)/m.exec(output) ?? [];
    const files = written.trim().split(/\s+/);
    assert.equal(files.length, 4, 'two outputs, two lanes');
    const lines = (stem: string): number =>
      files.filter((path) => path.includes(stem)).reduce((sum, path) => sum + lineCount(path), 0);
    assert.equal(lines('retransmits.'), losses);
    assert.equal(lines('connections.'), rowsOf(output).length);
  });
});
