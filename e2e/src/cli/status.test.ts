import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { until, useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_RECORDING, sockflow, startSockflow } from './sockflow-command.ts';

const STATUS =
  /^status up_s=\d+ events=\d+ events_per_s=\d+ lost=0 shed=0 rss_mib=\d+\.\d cpu_percent=\d+\.\d output=events sink=file\(\S+\) given=\d+ acknowledged=\d+ failed=\d+ .*pending=\d+$/;

/** A config whose run lasts as long as one lets it. */
function configIn(t: TestContext, more: string): string {
  const dir = useTempDir(t);
  const path = join(dir, 'agent.yaml');
  writeFileSync(
    path,
    `source: { replay: { paths: ${JSON.stringify(REAL_RECORDING)}, speed: 0.001 } }
sinks: [${JSON.stringify(`file:${join(dir, 'out.ndjson')}`)}]
${more}`,
  );
  return path;
}

/** Runs it until it has told its status three times, then ends it. @returns all lines of stderr */
async function told(args: readonly string[]): Promise<string[]> {
  const child = startSockflow(args, { env: { FORCE_COLOR: '1' } });
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  await until('three status lines', () => said.split('\nstatus ').length > 3, 90_000);
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  assert.equal(code, 143, said);
  return said.split('\n');
}

test('a run says at the interval asked for how it stands, in lines for logs', async (t) => {
  const lines = await told(['run', '-c', configIn(t, ''), '--status-every', '200ms']);
  const status = lines.filter((line) => line.startsWith('status '));
  for (const line of status) assert.match(line, STATUS);
});

test('a quiet run of a config file says it too, and nothing else', async (t) => {
  const path = configIn(t, 'status-every: 200ms\nlog-level: quiet\n');
  const lines = await told(['run', '-c', path]);
  assert.deepEqual(
    lines.filter((line) => line !== '' && !STATUS.test(line)),
    [],
  );
});

test('an interval that is none is refused by its name', (t) => {
  const run = sockflow(['run', '-c', configIn(t, ''), '--status-every', '1ms']);
  assertRefused(run, {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--status-every/,
    remedy: /from 100ms to 24h/,
  });
});
