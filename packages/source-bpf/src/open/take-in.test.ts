import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { Feature } from '../features.ts';
import { Capabilities } from '../host/capabilities.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';
import { checkTakeIn, takeInExisting, type TakeInMachine } from './take-in.ts';

const ALL = new Capabilities(~0n, true);
const PERFMON_ONLY = new Capabilities(1n << 38n, true);
const NO_RESOURCE = new Capabilities(~(1n << 24n), true);
const HIDDEN = { id: '1', name: 'init', permitted: (1n << 41n) - 1n };
const NONE = new Capabilities(0n, true);
const BLUE = { inode: '2', path: '/run/netns/blue' };
const RED = { inode: '3', path: '/proc/9/ns/net' };

function machine(more: Partial<TakeInMachine> = {}): TakeInMachine {
  return {
    capabilities: ALL,
    findNamespaces: () => ({ others: [BLUE, RED], hidden: [] }),
    ...more,
  };
}

function fakeSource(
  failing: Readonly<Record<string, object>> = {},
  features: number = Feature.TAKE_IN,
) {
  const entered: string[] = [];
  return {
    entered,
    features,
    takeIn: (path = 'own'): number => {
      if (failing[path] !== undefined) throw Object.assign(new Error('refused'), failing[path]);
      entered.push(path);
      return 1;
    },
  };
}

const options = (existing: BpfSettings['existing']) => ({ existing, cgroup: '/' });

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isSockflowError(error) ? error.code : String(error);
  }
  return 'none';
}

test('each setting takes in what it says', () => {
  for (const [existing, entered] of [
    ['off', []],
    ['own-netns', ['own']],
    ['auto', ['own', BLUE.path, RED.path]],
    ['all-netns', ['own', BLUE.path, RED.path]],
  ] as const) {
    const source = fakeSource();
    const { warnings } = takeInExisting(source, options(existing), machine());
    assert.deepEqual([source.entered, warnings], [entered, []], existing);
  }
});

test('a namespace that has gone meanwhile is no failure', () => {
  const source = fakeSource({
    [RED.path]: { syscall: 'open', errnoName: 'ENOENT', step: 'iterate' },
  });
  assert.deepEqual(takeInExisting(source, options('all-netns'), machine()), {
    namespaces: [BLUE],
    warnings: [],
  });
});

test('what cannot be done is a warning where nobody asked for it by name, and an error where somebody did', () => {
  const noPerfmon = machine({ capabilities: NONE });
  const old = fakeSource({}, 0);
  assert.match(takeInExisting(old, options('auto'), noPerfmon).warnings.join(), /CAP_PERFMON/);
  assert.match(takeInExisting(old, options('auto'), machine()).warnings.join(), /Linux 6\.12/);
  for (const existing of ['own-netns', 'all-netns'] as const) {
    assert.equal(
      codeOf(() => checkTakeIn(old, options(existing), noPerfmon)),
      'ERR_SOCKFLOW_KERNEL_PERMISSION',
    );
    assert.equal(
      codeOf(() => checkTakeIn(old, options(existing), machine())),
      'ERR_SOCKFLOW_KERNEL_TOO_OLD',
    );
  }
});

test('other namespaces need CAP_SYS_ADMIN, and to be seen', () => {
  const source = fakeSource();
  const contained = machine({ capabilities: PERFMON_ONLY });
  assert.match(takeInExisting(source, options('auto'), contained).warnings.join(), /CAP_SYS_ADMIN/);
  assert.deepEqual(source.entered, ['own']);
  assert.equal(
    codeOf(() => checkTakeIn(source, options('own-netns'), contained)),
    'none',
  );
  assert.equal(
    codeOf(() => checkTakeIn(source, options('all-netns'), contained)),
    'ERR_SOCKFLOW_KERNEL_PERMISSION',
  );
  const blind = machine({
    capabilities: NO_RESOURCE,
    findNamespaces: () => ({ others: [], hidden: [HIDDEN] }),
  });
  assert.match(
    takeInExisting(source, options('auto'), blind).warnings.join(),
    /process 1 \(init\) in the cgroup cannot be seen: it has CAP_SYS_RESOURCE, which/,
  );
  assert.equal(
    codeOf(() => checkTakeIn(source, options('all-netns'), blind)),
    'ERR_SOCKFLOW_KERNEL_PERMISSION',
  );
});
