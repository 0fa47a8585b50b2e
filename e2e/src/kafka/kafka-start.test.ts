import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { requireKafka, until, useTempDir } from '@sockflow/test-support';

import { runCommand, WORKSPACE } from '../workspace.ts';

const SCRIPT = join(WORKSPACE, 'scripts/kafka-start.mjs');
const START_TIMEOUT_MS = 120_000;

function startAndFail(
  args: readonly string[],
  env = process.env,
): { readonly status: number | null; readonly said: string } {
  const run = spawnSync(process.execPath, [SCRIPT, ...args], { env, encoding: 'utf8' });
  return { status: run.status, said: run.stderr };
}

/** A port that somebody listens on until the test ends. */
async function takenPort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

for (const [what, args, message] of [
  ['a port that is none', ['--port', '70000'], /--port: expected a number from 1 to 65535/],
  ['a topic that is none', ['--topic', 'a b:3'], /--topic: expected NAME or NAME:PARTITIONS/],
  ['an option that there is not', ['--prot', '1'], /--prot/],
] as const) {
  test(`kafka:start refuses ${what}, and shows how it is called`, () => {
    const { status, said } = startAndFail(args);
    assert.equal(status, 2);
    assert.match(said, message);
    assert.match(said, /npm run kafka:start -- \[--port N\]/);
  });
}

test('kafka:start says what is missing, and how to get it', (t) => {
  const dir = useTempDir(t);
  symlinkSync(process.execPath, join(dir, 'node'));
  const { status, said } = startAndFail([], { ...process.env, PATH: dir });
  assert.equal(status, 1);
  assert.match(said, /^Kafka cannot be started: needs Java 17 or newer.*apt-get install/);
});

test('kafka:start names a port that is in use', async (t) => {
  if (!requireKafka(t)) return;
  const port = await takenPort(t);
  const { status, said } = startAndFail(['--port', String(port)]);
  assert.equal(status, 1);
  assert.match(said, new RegExp(`^port ${port} of 127.0.0.1 is in use`));
});

test('kafka:start makes topics, shows a command that works, and leaves nothing behind', async (t) => {
  if (!requireKafka(t)) return;
  const port = await freePort();
  const child = spawn(process.execPath, [SCRIPT, '--port', String(port), '--topic', 'mine:3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGTERM'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, dir = ''] = await until(
    'the broker',
    () => /Ctrl-C ends it and removes its data, in (\S+)\n/.exec(said) ?? undefined,
    START_TIMEOUT_MS,
  );
  assert.match(said, /^Topic mine, 3 partitions$/m);
  assert.ok(existsSync(dir));
  const [command = ''] = /npx sockflow replay .*$/m.exec(said) ?? [];
  assert.ok(command.includes(`kafka://127.0.0.1:${port}/mine`));
  const summary = runCommand('bash', ['-c', `${command} --json`], { cwd: WORKSPACE });
  const [{ sinks = [] } = {}] = JSON.parse(summary).ledger.total.outputs;
  assert.equal(sinks[0].acknowledged, 3595);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(!existsSync(dir), 'its data is gone');
});
