import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { type LedgerSnapshot, Op, OP_NAMES, type RunSummary } from 'sockflow';

import { beRefused, LiveCommand, talk, useLoopback } from './live-command.ts';
import { assertRefused, sockflow, sockflowOk } from './sockflow-command.ts';

interface Inspection {
  readonly events: number;
  readonly parts: number;
  readonly ops: Readonly<Record<string, number>>;
}

function inspect(path: string): Record<string, unknown> & Inspection {
  return JSON.parse(sockflowOk(['inspect', path, '--json']).stdout) as never;
}

function sourceSums(ledger: LedgerSnapshot): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of ledger.source?.counts ?? []) {
    for (const [name, value] of Object.entries(counts)) {
      if (typeof value === 'number' && name !== 'lane') sums[name] = (sums[name] ?? 0) + value;
    }
  }
  return sums;
}

for (const lanes of [1, 2]) {
  test(`records a cgroup until SIGINT; with ${lanes} lane(s) the one name is the recording`, async (t) => {
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const dir = useTempDir(t);
    const args = ['record', 'out.sfrec', '--lanes', String(lanes)];
    const command = await LiveCommand.start(t, scene.cgroup, args, { cwd: dir });
    await command.until('it says that it records', () => /^recording to /m.test(command.stderr));
    const [attached = ''] = command.stderr.split('\n');
    assert.ok(attached.startsWith(`attached to ${scene.cgroup.path} after `), command.stderr);
    assert.match(attached, lanes === 1 ? /, 1 lane$/ : /, 2 lanes$/);
    const near = await talk(scene.traffic, 3);
    const refusedPort = await beRefused(scene.traffic);
    const { status, stderr } = await command.end('SIGINT');
    assert.equal(status, 130, stderr);
    assert.match(stderr, /^ {2}source, last: seen \d+ \+ made \d+ = submitted \d+/m);
    assert.match(stderr, /^ {2}next .*sockflow inspect out\.sfrec$/m);
    assert.equal(existsSync(join(dir, 'out.sfrec')), lanes === 1);

    const path = join(dir, 'out.sfrec');
    const replayed = sockflowOk(['replay', path, '--sink', 'console:?encoding=ndjson']);
    const events = replayed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ kind }) => kind !== 'CLOCK_ANCHOR');
    assert.equal(inspect(path).events, events.length);
    const ofOp = (op: number): Record<string, unknown>[] =>
      events.filter((event) => event['op'] === OP_NAMES[op]);
    const established = ofOp(Op.ACTIVE_ESTABLISHED_CB);
    assert.deepEqual(
      established.map(({ localPort, ownerPid }) => [localPort, ownerPid]),
      [[near.localPort, scene.traffic.pid]],
    );
    const refused = ofOp(Op.STATE_CB).filter(({ localPort }) => localPort === refusedPort);
    assert.deepEqual(
      refused.map(({ newState, skErr }) => [newState, skErr]),
      [['CLOSE', 111]],
    );
    assert.ok(
      events.some(({ kind }) => kind === 'RTT_SUMMARY'),
      'samples are folded',
    );
  });
}

test('a name that is a sink as text, or that of a series, is refused with the way to rotate', () => {
  for (const name of ['x.sfrec?rotate=1MiB', 'file:/tmp/x.sfrec', 'ser.{time}.sfrec']) {
    assertRefused(sockflow(['record', name]), {
      status: 2,
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
      place: /the recording/,
      remedy: /sockflow run -c FILE.*bpf.*rotate=/,
    });
  }
  const { stderr } = sockflow(['record', 'x', '--rotate', '1MiB']);
  assert.match(stderr, /unknown option '--rotate'/);
  assert.doesNotMatch(stderr, /Did you mean/);
});

test('--op asks for these ops only, and nothing else is recorded', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const args = ['record', path, '--op', 'STATE_CB,tcp_connect', '--json'];
  const command = await LiveCommand.start(t, scene.cgroup, args);
  await talk(scene.traffic, 3);
  const { status, stdout } = await command.end('SIGTERM');
  assert.equal(status, 143);
  const { ledger } = JSON.parse(stdout) as RunSummary;
  const sums = sourceSums(ledger);
  assert.ok((sums['notAskedFor'] ?? 0) > 0, 'the others were not asked for');
  assert.equal(sums['folded'], 0, 'and RTT samples neither');
  const { ops } = inspect(path);
  assert.deepEqual(
    new Set(Object.keys(ops)),
    new Set(['STATE_CB', 'TCP_CONNECT_CB']),
    JSON.stringify(ops),
  );
});

test('--op all has every RTT sample as an event, with no summary', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const command = await LiveCommand.start(t, scene.cgroup, ['record', path, '--op', 'all']);
  await talk(scene.traffic, 20);
  assert.equal((await command.end('SIGINT')).status, 130);
  const ops = new Map(Object.entries(inspect(path).ops));
  assert.ok((ops.get('RTT_CB') ?? 0) >= 20, JSON.stringify([...ops]));
  for (const op of ['TIMEOUT_INIT', 'RWND_INIT', 'HDR_OPT_LEN_CB', 'PARSE_HDR_OPT_CB']) {
    assert.ok((ops.get(op) ?? 0) > 0, op);
  }
});

test('filters are those of replay: what they drop is not in the recording', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const listener = await scene.traffic.listen({ host: '127.0.0.1', echo: true });
  const args = ['record', path, '--port', String(listener.port), '--kind', 'OP'];
  const command = await LiveCommand.start(t, scene.cgroup, args);
  await talk(scene.traffic, 2);
  const near = await scene.traffic.connect({ host: '127.0.0.1', port: listener.port });
  await near.end();
  await near.closed();
  assert.equal((await command.end('SIGINT')).status, 130);
  const whole = sockflowOk(['replay', path, '--json']);
  const filtered = sockflowOk(['replay', path, '--port', String(listener.port), '--json']);
  const out = (text: string): number | undefined =>
    (JSON.parse(text) as RunSummary).ledger.total.outputs[0]?.out;
  assert.ok((out(whole.stdout) ?? 0) > 4);
  assert.equal(out(filtered.stdout), out(whole.stdout));
});

test('--duration ends it well: exit code 0, and its books are settled', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const args = ['record', path, '--duration', '1500ms', '--json'];
  const command = await LiveCommand.start(t, scene.cgroup, args);
  await talk(scene.traffic, 3);
  const { status, stdout, stderr } = await command.end();
  assert.equal(status, 0, stderr);
  const { ledger, outcome } = JSON.parse(stdout) as RunSummary;
  assert.equal(outcome, 'stopped');
  assert.equal(ledger.source?.isSettled, true);
  const { seen = 0, made = 0, ...fates } = sourceSums(ledger);
  const sum = Object.values(fates).reduce((total, count) => total + count, 0);
  assert.equal(seen + made, sum);
  assert.equal(ledger.total.read, inspect(path).events);
});

test('events that a ring lost are a warning that names the options to turn', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const args = ['record', path, '--ring-size', '4KiB', '--op', 'all'];
  const command = await LiveCommand.start(t, scene.cgroup, args);
  // Nobody reads meanwhile.
  command.child.kill('SIGSTOP');
  await talk(scene.traffic, 50);
  command.child.kill('SIGCONT');
  const { status, stderr } = await command.end('SIGINT');
  assert.equal(status, 130, stderr);
  assert.match(stderr, /warning \d+\.\d % of the events are missing \(\d+ lost, \d+ shed\)/);
  const words = stderr.replaceAll(/\s+/g, ' ');
  assert.match(words, /more lanes \(--lanes\), bigger rings \(--ring-size\) or fewer ops \(--op\)/);
});

test('run ends a pipeline of the kernel after --duration too', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const dir = useTempDir(t);
  writeFileSync(
    join(dir, 'live.mjs'),
    `import { Op, bpf, definePipeline, emit, filterOp } from ${JSON.stringify(import.meta.resolve('sockflow'))};
import { tap } from ${JSON.stringify(import.meta.resolve('rxjs'))};
export default definePipeline(({ cgroup }) => ({
  source: bpf({ cgroup }),
  events: (batches) => batches.pipe(filterOp(Op.ACTIVE_ESTABLISHED_CB), tap((batch) => batch.forEach((event) => emit(event.remotePort)))),
  sinks: [],
}));
`,
  );
  const run = sockflow(
    ['run', 'live.mjs', '--duration', '1s', '--param', `cgroup=${scene.cgroup.path}`],
    { cwd: dir },
  );
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stderr, /source, last: seen/);
});

describe('what lies there already', () => {
  test('a recording of the same name is replaced once the new one is complete', async (t) => {
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const path = join(useTempDir(t), 'out.sfrec');
    sockflowOk(['gen', path, '--connections', '3', '--seed', '1']);
    const before = inspect(path).events;
    const command = await LiveCommand.start(t, scene.cgroup, ['record', path]);
    assert.equal(inspect(path).events, before, 'while it records, the old one stays');
    await command.end('SIGINT');
    assert.notEqual(inspect(path).events, before);
  });

  test('a full disk is one error, and what was written is readable under the one name', async (t) => {
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const dir = useTempDir(t);
    const path = join(dir, 'out.sfrec');
    const command = await LiveCommand.start(t, scene.cgroup, ['record', path, '--op', 'all'], {
      cwd: dir,
      maxFileKiB: 1500,
    });
    const [, status] = await Promise.all([
      talk(scene.traffic, 2000).catch(() => undefined),
      command.end().then((ended) => ended.status),
    ]);
    assert.equal(status, 1, command.stderr);
    assert.match(command.stderr, /^error ERR_SOCKFLOW_\w+: .*lane 0/m);
    assert.match(command.stderr, /out\.sfrec/);
    assert.ok(existsSync(`${path}.part`) && !existsSync(path));
    const run = sockflow(['inspect', path, '--json', '--tolerate-damage']);
    assert.equal(run.status, 0, run.stderr);
    assert.ok((JSON.parse(run.stdout) as Inspection).events > 100);
  });
});
