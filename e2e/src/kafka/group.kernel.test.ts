import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import {
  KafkaBroker,
  requireKafka,
  requireKernel,
  TestCgroup,
  TrafficProcess,
  until,
  useTempDir,
} from '@sockflow/test-support';

import { SOCKFLOW, userEnv } from '../cli/sockflow-command.ts';
import { sockOpsPrograms } from '../kernel/sock-ops-program.ts';
import { assertInOrder } from './deliveries.ts';
import { eventLines, pipelineArgs } from './group-process.ts';

const PARTITIONS = 4;
const CONNECTIONS = 12;
const START_TIMEOUT_MS = 60_000;

interface Running {
  readonly kill: (signal: NodeJS.Signals) => boolean;
  readonly ended: Promise<unknown[]>;
}

/** Runs the module that all tests of groups run. */
function begin(t: TestContext, cwd: string, params: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [SOCKFLOW, ...pipelineArgs(params)], {
    cwd,
    env: userEnv(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return { kill: (signal) => child.kill(signal), ended: once(child, 'close') };
}

async function makeTraffic(t: TestContext, cgroup: TestCgroup): Promise<void> {
  const server = await TrafficProcess.start(t, { cgroup });
  const client = await TrafficProcess.start(t, { cgroup });
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const near = await client.connect({ host: '127.0.0.1', port: listener.port });
    const far = await listener.accept();
    await near.exchange(2, 100);
    await near.end();
    await near.closed();
    await far.closed();
  }
}

test('what the kernel says goes through a topic to the processes of a group, by the module that read it from the kernel', async (t) => {
  if (!requireKafka(t) || !requireKernel(t)) return;
  const cwd = useTempDir(t);
  const broker = await KafkaBroker.start(t);
  broker.createTopic('live', PARTITIONS);
  const cgroup = TestCgroup.use(t);
  const sinks = `file:live.ndjson kafka://${broker.address}/live`;
  const live = begin(t, cwd, { source: 'bpf', cgroup: cgroup.path, sinks });
  await until('the program', () => sockOpsPrograms(cgroup.path).length > 0, START_TIMEOUT_MS);
  await makeTraffic(t, cgroup);
  live.kill('SIGINT');
  assert.deepEqual(await live.ended, [130, null], 'drained');
  const expected = eventLines(join(cwd, 'live.ndjson'));
  assert.ok(expected.length >= CONNECTIONS * 4);

  const params = { source: 'kafka', brokers: broker.address, topic: 'live', group: 'group' };
  const names = ['one', 'two'];
  const members = names.map((name) =>
    begin(t, cwd, { ...params, name, until: 'now', sinks: `file:${name}.ndjson` }),
  );
  for (const { ended } of members) assert.deepEqual(await ended, [0, null]);
  const files = names.map((name) => eventLines(join(cwd, `${name}.ndjson`)));
  assert.deepEqual(new Set(files.flat()), new Set(expected));
  assertInOrder(expected, files);
});
