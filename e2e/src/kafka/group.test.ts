import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { KafkaBroker, requireKafka, until, useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, sockflowOk, userEnv } from '../cli/sockflow-command.ts';
import { assertInOrder, occurrences } from './deliveries.ts';
import { eventLines, GroupProcess, pipelineArgs } from './group-process.ts';
import { GroupState } from './group-state.ts';

const PARTITIONS = 6;
/** Of the recording's clock: half of it before a process is killed, half of it after another one has come. */
const HALF_S = 6;
/** What a killed process has to have written before: enough that some of it is committed. */
const KILL_AFTER_EVENTS = 2000;
/** Machines stand still for seconds. */
const WAIT_MS = 120_000;

async function waitUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  await until(what, isSo, WAIT_MS);
}

/** Plays a part of the recording into the topic. */
function play(t: TestContext, cwd: string, sink: string, part: readonly string[]) {
  const args = ['replay', 'all.sfrec', '--quiet', ...part, '--sink', sink];
  const child = spawn(process.execPath, [SOCKFLOW, ...args], {
    cwd,
    env: userEnv(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return { child, ended: once(child, 'close') };
}

async function checkGroup(t: TestContext, broker: KafkaBroker): Promise<void> {
  const cwd = useTempDir(t);
  const { address } = broker;
  const size = ['--connections', '1500', '--duration', `${2 * HALF_S}s`, '--seed', '5'];
  sockflowOk(['gen', 'all.sfrec', ...size], { cwd });
  const recorded = { source: 'replay', recording: 'all.sfrec', sinks: 'file:all.ndjson' };
  sockflowOk(pipelineArgs(recorded), { cwd });
  const expected = eventLines(join(cwd, 'all.ndjson'));
  const sink = `kafka://${address}/events`;

  const group = new GroupState(address, 'group', 'events');
  t.after(() => group.close());
  const params = { brokers: address, topic: 'events', group: 'group' };
  const begin = (name: string): GroupProcess => GroupProcess.start(t, cwd, name, params);
  const membersAre = async (...processes: GroupProcess[]): Promise<boolean> => {
    for (const process of processes) process.checkRunning();
    const members = await group.members();
    return (
      members.length === processes.length &&
      processes.every(({ name }) =>
        members.some((member) => member.clientId === name && member.partitions.length > 0),
      )
    );
  };

  const [a, b, c] = [begin('a'), begin('b'), begin('c')];
  await waitUntil('three members', () => membersAre(a, b, c));
  const own = (await group.members()).find(({ clientId }) => clientId === 'a')?.partitions ?? [];
  const first = play(t, cwd, sink, ['--to', `${HALF_S}s`, '--speed', '1']);
  await waitUntil('events in a', () => a.lines().length >= KILL_AFTER_EVENTS);
  assert.equal(first.child.exitCode, null, 'in the middle of the stream');
  await a.kill();
  const committed = await group.committed();
  const d = begin('d');
  await waitUntil('another member', () => membersAre(b, c, d));
  assert.deepEqual(await first.ended, [0, null]);
  const second = play(t, cwd, sink, ['--from', `${HALF_S}s`, '--speed', '10']);
  assert.deepEqual(await second.ended, [0, null]);

  const survivors = [b, c, d];
  const wanted = occurrences(expected);
  await waitUntil('every event', () => {
    for (const process of survivors) process.checkRunning();
    const found = occurrences([a, ...survivors].flatMap((process) => process.lines()));
    return [...wanted].every(([line, times]) => (found.get(line) ?? 0) >= times);
  });
  let atRevoke = 0;
  for (const process of survivors) {
    const { code, notes } = await process.stop();
    assert.equal(code, 128 + 15, `${process.name} drained`);
    atRevoke += notes['unacknowledgedAtRevoke'] ?? 0;
  }

  const files = [a, ...survivors].map((process) => process.lines());
  assert.ok(files.every((lines) => lines.length > 0));
  const found = occurrences(files.flat());
  assert.deepEqual(
    [...found.keys()].filter((line) => !wanted.has(line)),
    [],
    'nothing that was not recorded',
  );
  // What the killed process had written and not committed comes again, to the event; and what others had not when partitions went from them.
  const killed =
    a.lines().length - own.reduce((sum, index) => sum + (committed.get(index) ?? 0), 0);
  const again = files.flat().length - expected.length;
  t.diagnostic(
    `${expected.length} events, ${files.map((lines) => lines.length).join(' + ')} by process; ${again} twice, ${killed} of them not committed by the killed one, ${atRevoke} at most by others`,
  );
  assert.ok(killed >= 0);
  assert.ok(again >= killed && again <= killed + atRevoke, `${again}, ${killed}, ${atRevoke}`);
  assert.ok(killed < a.lines().length, 'some of it was committed');
  assertInOrder(expected, files);
}

test('a consumer group of several processes', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  broker.createTopic('events', PARTITIONS);
  await t.test(
    'gets every event at least once, in order, where one is killed and another one comes',
    (group) => checkGroup(group, broker),
  );
});
