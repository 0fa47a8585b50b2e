import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { requireKernel, requireTool } from '@sockflow/test-support';
import type { Check, Diagnosis } from 'sockflow';

import { LiveCommand, useLoopback } from './live-command.ts';
import { OnTerminal } from './on-terminal.ts';
import { type Ended, sockflow, sockflowOk } from './sockflow-command.ts';
import { sockflowWith } from './sockflow-with.ts';

const ESCAPE = String.fromCharCode(0x1b);

function diagnosisOf({ stdout }: Ended): Diagnosis & { schema: string } {
  return JSON.parse(stdout) as Diagnosis & { schema: string };
}

function errorsOf({ checks }: Diagnosis): string[] {
  return checks.filter(({ severity }) => severity === 'error').map(({ id }) => id);
}

function checkOf({ checks }: Diagnosis, id: string): Check {
  const check = checks.find((candidate) => candidate.id === id);
  assert.ok(check !== undefined, `${id} is there`);
  return check;
}

test('its exit code is its answer, on any machine', () => {
  const run = sockflow(['doctor', '--json']);
  const { canCapture, schema, checks, tier } = diagnosisOf(run);
  assert.equal(run.status, canCapture ? 0 : 1);
  assert.equal(run.stderr, '');
  assert.equal(schema, 'sockflow-doctor/1');
  assert.match(tier.id, /^T[0-5]$/);
  assert.ok(checks.length > 10);
});

test('where the kernel can be a source, it says so, and that helpers were loaded', (t) => {
  if (!requireKernel(t, { tools: [] })) return;
  const diagnosis = diagnosisOf(sockflowOk(['doctor', '--json']));
  assert.deepEqual(errorsOf(diagnosis), []);
  for (const id of ['helper.map-ring-buffer', 'helper.socket-cookie', 'addon', 'kernel.hz']) {
    assert.equal(checkOf(diagnosis, id).severity, 'ok', id);
  }
});

test('for people it is plain text within 80 columns, that ends with the answer', () => {
  const { stdout } = sockflow(['doctor']);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  assert.equal(stdout.includes(ESCAPE), false);
  assert.match(stdout, /\nLive capture (works|does not work) here: .*\n$/);
});

test('on a terminal it has colours', async (t) => {
  if (!requireTool(t, 'script')) return;
  const terminal = OnTerminal.start(t, ['doctor']);
  assert.ok((await terminal.ended()).includes(`${ESCAPE}[32mok`));
});

describe('without rights', () => {
  for (const [has, errors] of [
    [[], ['capability.bpf', 'capability.net_admin']],
    [['bpf'], ['capability.net_admin']],
    [['net_admin', 'perfmon'], ['capability.bpf']],
    [['bpf', 'net_admin'], []],
    [['net_admin', 'sys_admin'], []],
  ] as const) {
    test(`with ${has.join(', ') || 'no capability'} the errors are ${errors.join(', ') || 'none'}`, (t) => {
      if (!requireKernel(t, { tools: ['setpriv'] })) return;
      const run = sockflowWith(has, ['doctor', '--json']);
      assert.deepEqual(errorsOf(diagnosisOf(run)), errors);
      assert.equal(run.status, errors.length === 0 ? 0 : 1);
    });
  }

  test('what CAP_PERFMON adds is found by trying', (t) => {
    if (!requireKernel(t, { tools: ['setpriv'] })) return;
    const works = (has: readonly string[], id: string): boolean | undefined =>
      diagnosisOf(sockflowWith(has, ['doctor', '--json'])).abilities.find(
        (ability) => ability.id === id,
      )?.works;
    assert.equal(works(['bpf', 'net_admin'], 'socket-errors'), false);
    assert.equal(works(['bpf', 'net_admin', 'perfmon'], 'socket-errors'), true);
  });
});

test('a cgroup and an output that cannot be are errors with a remedy', () => {
  const diagnosis = diagnosisOf(
    sockflow(['doctor', '--json', '--cgroup', '/proc', '--output', '/nowhere/out.sfrec']),
  );
  const cgroup = checkOf(diagnosis, 'cgroup.path');
  assert.equal(cgroup.severity, 'error');
  assert.match(cgroup.found, /^\/proc is no cgroup/);
  const output = checkOf(diagnosis, 'output.space');
  assert.equal(output.severity, 'error');
  assert.equal(output.remedy, 'mkdir -p /nowhere');
});

test('a program on the way from the cgroup to the root is named', async (t) => {
  const scene = await useLoopback(t);
  if (scene === undefined) return;
  const child = scene.cgroup.child('inner');
  await LiveCommand.start(t, scene.cgroup, ['watch']);
  const diagnosis = diagnosisOf(sockflow(['doctor', '--json', '--cgroup', child.path]));
  const { severity, found } = checkOf(diagnosis, 'bpf.other-programs');
  assert.equal(severity, 'note');
  assert.match(found, new RegExp(`sockflow_events? \\(id \\d+\\) at ${scene.cgroup.path}[:,]`));
  const root = diagnosisOf(sockflow(['doctor', '--json']));
  assert.doesNotMatch(checkOf(root, 'bpf.other-programs').found, new RegExp(scene.cgroup.path));
});
