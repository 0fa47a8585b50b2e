import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { findCgroup2, requireKernel } from '@sockflow/test-support';

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

  test('shows the kernel live: three conversations and a refusal, each with its owner', (t) => {
    if (!requireKernel(t, { tools: [] })) return;
    const live = output.slice(output.indexOf('Now live'));
    // Node 24 calls its main thread so, and the kernel's name of a process is its main thread's.
    const pattern =
      /^ 127\.0\.0\.1:\d+ > 127\.0\.0\.1:(\d+) +(?:node|MainThread)\[(\d+)\](?: +(\d+) +\d+ \/ \d+ us +([\d.]+) \/ ([\d.]+) kB)? +(\w+)$/gm;
    const rows = [...live.matchAll(pattern)].map(([, ...cells]) => cells);
    assert.equal(rows.length, 4, live);
    assert.equal(new Set(rows.map(([port]) => port)).size, 1, 'one server');
    assert.equal(new Set(rows.map(([, pid]) => pid)).size, 1, 'one owner');
    assert.deepEqual(
      rows.map(([, , , bytesIn, bytesOut, end]) => [bytesIn, bytesOut, end]),
      [
        ['204.8', '204.8', 'closed'],
        ['51.2', '51.2', 'closed'],
        ['10.2', '10.2', 'closed'],
        [undefined, undefined, 'ECONNREFUSED'],
      ],
    );
    for (const [index, exchanges] of [400, 100, 20].entries()) {
      const samples = Number(rows[index]?.[2]);
      assert.ok(samples > exchanges / 2 && samples <= exchanges + 5, `${samples} of ${exchanges}`);
    }
    assert.match(live, /source, last: seen \d+ \+ made \d+ = submitted \d+/);
    assert.deepEqual(leftOvers(), [], 'its cgroup is gone');
  });

  test('says in one line why there is nothing live where the rights are missing', (t) => {
    if (!requireKernel(t, { tools: ['setpriv'] })) return;
    const script = join(WORKSPACE, 'scripts/demo/live.mjs');
    const said = runCommand(
      'setpriv',
      [
        '--reuid=65534',
        '--clear-groups',
        '--bounding-set=-all',
        '--inh-caps=-all',
        'node',
        '-e',
        `import('${script}').then(({ liveDemo }) => liveDemo())`,
      ],
      { cwd: '/' },
    );
    assert.match(
      said,
      /^\nLive capture: not on this machine: CAP_BPF is missing.*sockflow doctor.*\n$/,
    );
  });
});

function leftOvers(): string[] {
  const root = findCgroup2();
  assert.ok(root !== undefined);
  return readdirSync(root).filter((name) => name.startsWith('sockflow-demo-'));
}
