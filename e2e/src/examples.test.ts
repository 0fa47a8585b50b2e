import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  requireKernel,
  TestCgroup,
  TrafficProcess,
  until,
  useTempDir,
} from '@sockflow/test-support';
import { fromReplay, OP_NAMES } from 'sockflow';

import { sockOpsPrograms } from './kernel/sock-ops-program.ts';
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

test('examples/live-connections: tells each connection of a cgroup as it closes, both ends of it', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const server = await TrafficProcess.start(t, { cgroup });
  const client = await TrafficProcess.start(t, { cgroup });
  const child = spawn(
    process.execPath,
    [
      join(WORKSPACE, 'packages/cli/bin/sockflow.js'),
      'run',
      'src/connections.pipeline.ts',
      '--param',
      `cgroup=${cgroup.path}`,
    ],
    {
      cwd: join(WORKSPACE, 'examples/live-connections'),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await until('the program', () => sockOpsPrograms(cgroup.path).length > 0);
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const near = await client.connect({ host: '127.0.0.1', port: listener.port });
  const far = await listener.accept();
  await near.exchange(4, 100);
  await near.end();
  await near.closed();
  await far.closed();
  const lines = await until('both ends', () => {
    const whole = output.split('\n').slice(0, -1);
    return whole.length >= 2 ? whole.map((line) => JSON.parse(line) as ConnectionLine) : undefined;
  });
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [130, null], 'ended by SIGINT');
  const ends = [`127.0.0.1 ${near.localPort}`, `127.0.0.1 ${listener.port}`];
  assert.deepEqual(
    lines
      .map(({ role, local, remote }) => `${role} ${local} ${remote}`)
      .toSorted((a, b) => a.localeCompare(b)),
    [`CLIENT ${ends[0]} ${ends[1]}`, `SERVER ${ends[1]} ${ends[0]}`],
  );
  for (const { owner, rttUs, rttHighUs, losses } of lines) {
    assert.equal(owner, client.comm);
    assert.equal(losses, 0);
    assert.ok(rttUs > 0 && rttHighUs >= rttUs);
  }
});

/** A line of examples/live-connections. */
interface ConnectionLine {
  readonly owner: string;
  readonly role: string;
  readonly local: string;
  readonly remote: string;
  readonly rttUs: number;
  readonly rttHighUs: number;
  readonly losses: number;
}
