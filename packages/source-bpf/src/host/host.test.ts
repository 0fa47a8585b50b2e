import assert from 'node:assert/strict';
import { hostname, release } from 'node:os';
import { test } from 'node:test';

import { Capabilities } from './capabilities.ts';
import { hiddenText, neededToSee } from './hidden-processes.ts';
import { findNetworkNamespaces, type NamespaceFiles } from './network-namespaces.ts';
import { readOrigin } from './read-origin.ts';

const CLOCKS = {
  bootNs: 5_000_000_000n,
  realtimeNs: 1_700_000_000_000_000_000n,
  monotonicNs: 4_000_000_000n,
  uncertaintyNs: 60n,
  tickNs: 4_000_000,
};

test('the origin is this host and boot, with HZ from the length of a tick', () => {
  const origin = readOrigin(CLOCKS, 7n);
  assert.deepEqual(
    { ...origin, id: undefined, bootId: undefined },
    {
      id: undefined,
      bootId: undefined,
      hostName: hostname(),
      kernelRelease: release(),
      hz: 250,
      clock: { bootNs: CLOCKS.bootNs, realtimeNs: CLOCKS.realtimeNs },
      captured: 7n,
    },
  );
  assert.equal(origin.id, origin.bootId);
  for (const [tickNs, hz] of [
    [10_000_000, 100],
    [3_333_333, 300],
    [1_000_000, 1000],
    [976_563, 1024],
  ]) {
    assert.equal(readOrigin({ ...CLOCKS, tickNs: tickNs! }, 0n).hz, hz);
  }
});

test('a tick that cannot be leaves HZ out', () => {
  assert.equal(readOrigin({ ...CLOCKS, tickNs: 0 }, 0n).hz, undefined);
});

test('CAP_SYS_ADMIN stands for BPF and PERFMON, not for NET_ADMIN', () => {
  const admin = new Capabilities(1n << 21n, true);
  assert.deepEqual(admin.missing(['BPF', 'PERFMON', 'NET_ADMIN']), ['CAP_NET_ADMIN']);
  const bare = new Capabilities((1n << 39n) | (1n << 12n), true);
  assert.deepEqual(bare.missing(['BPF', 'NET_ADMIN', 'PERFMON']), ['CAP_PERFMON']);
});

test('capabilities of a user namespace of one’s own count for nothing', () => {
  assert.deepEqual(new Capabilities(~0n, false).missing(['BPF']), ['CAP_BPF']);
});

test('the capabilities of this process can be read', () => {
  assert.equal(typeof Capabilities.read().has('BPF'), 'boolean');
});

function machine(more: Partial<NamespaceFiles> = {}): NamespaceFiles {
  const namespaces: Readonly<Record<string, string>> = {
    '/proc/self/ns/net': 'net:[1]',
    '/proc/10/ns/net': 'net:[1]',
    '/proc/11/ns/net': 'net:[2]',
    '/proc/12/ns/net': 'net:[2]',
    '/proc/13/ns/net': 'net:[3]',
  };
  return {
    processIds: () => ['10', '11', '12', '13', '14', '15'],
    namespaceOf: (path) => {
      const code = path.includes('/14/') ? 'EACCES' : 'ENOENT';
      return namespaces[path] ?? assert.fail(Object.assign(new Error(path), { code }));
    },
    mountInfo: () => '60 2 0:4 net:[3] /run/netns/blue rw - nsfs nsfs rw\n',
    statusOf: () => 'Name:\tinit\nCapPrm:\t00000000000001ff\n',
    cgroupsOf: () => '1:cpu:/x\n0::/system.slice/a\n',
    ...more,
  };
}

test('each other network namespace is found once, by its mount where it has one', () => {
  assert.deepEqual(findNetworkNamespaces('/', machine()), {
    others: [
      { inode: '3', path: '/run/netns/blue' },
      { inode: '2', path: '/proc/11/ns/net' },
    ],
    hidden: [{ id: '14', name: 'init', permitted: 0x1ffn }],
  });
});

test('a process that cannot be seen is of matter in the observed cgroup only', () => {
  const hidden = (cgroup: string): number => findNetworkNamespaces(cgroup, machine()).hidden.length;
  assert.deepEqual(
    ['/', '/system.slice', '/system.slice/a', '/system', '/other'].map(hidden),
    [1, 1, 1, 0, 0],
  );
});

test('of processes that cannot be seen the first are named, and what it would take', () => {
  const processes = ['1', '7', '8', '9'].map((id) => ({ id, name: 'a', permitted: 1n << 24n }));
  const all = new Capabilities(~0n, true);
  const noResource = new Capabilities(~(1n << 24n), true);
  const noPtrace = new Capabilities(~(1n << 19n), true);
  const reasonOf = (capabilities: Capabilities): string =>
    hiddenText(processes, capabilities).replace(/^.*seen: /, '');
  assert.match(hiddenText(processes, all), /of processes 1 \(a\), 7 \(a\), 8 \(a\) and 1 more in/);
  assert.equal(reasonOf(noResource), 'they have CAP_SYS_RESOURCE, which this process has not');
  assert.equal(reasonOf(noPtrace), 'that needs CAP_SYS_PTRACE');
  assert.match(reasonOf(all), /not for want of a capability/);
  assert.deepEqual(neededToSee([], noPtrace), []);
});
