import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { requireKernel } from '@sockflow/test-support';

import { KernelError } from './errors.ts';
import { Capabilities } from './host/capabilities.ts';
import { toKernelError } from './kernel-error.ts';

/** CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF: bits 12, 38 and 39. */
const GRANTED = (1n << 12n) | (1n << 38n) | (1n << 39n);

test('the command of the remedy, run as it is printed, grants what is missing to another user', (t) => {
  if (!requireKernel(t, { tools: ['setpriv'] })) return;
  const thrown = Object.assign(new Error('refused'), {
    step: 'load',
    syscall: 'bpf',
    errno: 1,
    errnoName: 'EPERM',
  });
  const capabilities = new Capabilities(0n, true);
  const needs = ['BPF', 'NET_ADMIN', 'PERFMON'] as const;
  const error = toKernelError(thrown, { doing: 'loading', capabilities, needs });
  assert.ok(error instanceof KernelError);
  const command = /setpriv .* …/.exec(error.remedy ?? '')?.[0].replace(' …', '') ?? '';
  const line = `${command} --reuid 65534 --clear-groups grep CapEff /proc/self/status`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  assert.equal(status, 0, `${line}: ${stderr}`);
  const effective = BigInt(`0x${stdout.replace(/^CapEff:\s*/, '').trim()}`);
  assert.equal(effective, GRANTED, stdout);
});
