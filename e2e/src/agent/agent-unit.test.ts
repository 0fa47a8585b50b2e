import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { requireTool, useTempDir } from '@sockflow/test-support';

import { SOCKFLOW, sockflow } from '../cli/sockflow-command.ts';
import { AGENT_CONFIG_PATH, readUnit, UNIT_PATH, valueOf, valuesOf } from './unit-file.ts';

/** Of 10, tenths: what systemd 252 says, and no more. The network, the two capabilities and the file system of the host are what is left. */
const MOST_EXPOSURE = 16;

function analyze(...args: readonly string[]) {
  return spawnSync('systemd-analyze', ['--no-pager', ...args], { encoding: 'utf8' });
}

/** The unit in a folder of its own, with a command that is there. */
function unitIn(t: TestContext): string {
  const path = join(useTempDir(t), 'sockflow.service');
  const text = readFileSync(UNIT_PATH, 'utf8');
  const { value = '' } = readUnit().find(({ name }) => name === 'ExecStart') ?? {};
  writeFileSync(path, text.replace(value.split(' ')[0] ?? '', SOCKFLOW));
  return path;
}

test('the unit is one that systemd has nothing to say about', (t) => {
  if (!requireTool(t, 'systemd-analyze')) return;
  const { status, stdout, stderr } = analyze('verify', '--man=no', unitIn(t));
  // The links of the machine's own units are not ours.
  const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('sockflow'));
  assert.deepEqual(said, []);
  assert.equal(status, 0, stderr);
});

test('the unit exposes no more than it has to', (t) => {
  if (!requireTool(t, 'systemd-analyze')) return;
  const path = unitIn(t);
  const threshold = (tenths: number) =>
    analyze('security', '--offline=true', `--threshold=${tenths}`, path);
  const { status, stdout } = threshold(MOST_EXPOSURE);
  assert.equal(status, 0, stdout);
  assert.notEqual(threshold(MOST_EXPOSURE - 5).status, 0, 'lower the threshold');
});

test('the unit gives two capabilities, and a stop more time than the drain has', () => {
  const unit = readUnit();
  for (const name of ['CapabilityBoundingSet', 'AmbientCapabilities']) {
    assert.equal(valueOf(unit, name), 'CAP_BPF CAP_NET_ADMIN', name);
  }
  assert.deepEqual(valuesOf(unit, 'User'), []);
  const stopS = Number(/^(\d+)s$/.exec(valueOf(unit, 'TimeoutStopSec'))?.[1]);
  assert.ok(stopS >= 40, 'the command drains for 30 s');
  assert.equal(valueOf(unit, 'SuccessExitStatus'), '143');
});

test('the config that comes with the unit is right as it is', () => {
  const { status, stderr } = sockflow(['validate', '-c', AGENT_CONFIG_PATH], {
    env: { STATE_DIRECTORY: '/var/lib/sockflow' },
  });
  assert.equal(status, 0, stderr);
});
