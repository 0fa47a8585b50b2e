import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { AddonState } from './addon-state.ts';
import type { Check } from './check.ts';
import { diagnose, type Diagnosis, type DiagnoseOptions } from './diagnose.ts';
import { type FakeMachine, fakeMachine, WORKING_ADDON } from './fake-machine.test.support.ts';

function look(fake: FakeMachine = {}, options: DiagnoseOptions = {}): Diagnosis {
  return diagnose({ machine: fakeMachine(fake), addon: WORKING_ADDON, ...options });
}

function checkOf(diagnosis: Diagnosis, id: string): Check {
  const checks = diagnosis.checks.filter((check) => check.id === id);
  assert.equal(checks.length, 1, `${id} is there once`);
  return checks[0] as Check;
}

/** The ids of everything that is not as it should be, with their severity. */
function faultsOf({ checks }: Diagnosis): Record<string, string> {
  const faults = checks.filter(({ severity }) => severity !== 'ok');
  return Object.fromEntries(faults.map(({ id, severity }) => [id, severity]));
}

test('a machine that has everything has no fault, and everything works there', () => {
  const diagnosis = look();
  assert.deepEqual(faultsOf(diagnosis), {});
  assert.equal(diagnosis.canCapture, true);
  assert.equal(diagnosis.tier.id, 'T5');
  assert.ok(diagnosis.abilities.every(({ works }) => works));
});

test('every id is there once, and what is not ok says what to do', () => {
  const { checks } = look({ kernelRelease: '5.4.0', capabilities: '0', files: {}, programs: [] });
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  for (const { id, severity, remedy, found } of checks) {
    assert.match(id, /^[a-z]+(\.[a-z0-9_-]+)?$/);
    assert.doesNotMatch(`${found}${remedy}`, /\n/);
    assert.equal(remedy === undefined, severity === 'ok', id);
  }
});

describe('one thing that is not there', () => {
  const cases: readonly [what: string, fake: FakeMachine, faults: Record<string, string>][] = [
    ['BTF', { files: { '/sys/kernel/btf/vmlinux': undefined } }, { 'kernel.btf': 'error' }],
    [
      'BTF for this user',
      { refusals: { '/sys/kernel/btf/vmlinux': 'EACCES' } },
      { 'kernel.btf': 'error' },
    ],
    [
      'cgroup2, only v1',
      {
        files: {
          '/proc/self/mountinfo': '27 1 0:23 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n',
        },
      },
      { 'kernel.cgroup2': 'error' },
    ],
    [
      'CAP_BPF and CAP_SYS_ADMIN',
      { capabilities: '4000001000' },
      { 'capability.bpf': 'error', 'capability.sys_admin': 'note', 'helper.probe': 'note' },
    ],
    [
      'CAP_NET_ADMIN',
      { capabilities: 'c000200000' },
      { 'capability.net_admin': 'error', 'helper.probe': 'note' },
    ],
    [
      'CAP_PERFMON and CAP_SYS_ADMIN',
      { capabilities: '8000001000' },
      { 'capability.perfmon': 'warning', 'capability.sys_admin': 'note' },
    ],
    ['CAP_BPF, where CAP_SYS_ADMIN stands for it', { capabilities: '201000' }, {}],
    [
      'the first user namespace',
      { links: { '/proc/self/ns/user': 'user:[4026532001]' } },
      { 'process.user-namespace': 'error', 'helper.probe': 'note' },
    ],
    [
      'the first cgroup namespace',
      { links: { '/proc/self/ns/cgroup': 'cgroup:[4026532002]' } },
      { 'cgroup.namespace': 'note' },
    ],
    [
      'the JIT',
      { files: { '/proc/sys/net/core/bpf_jit_enable': '0' } },
      { 'kernel.jit': 'warning' },
    ],

    [
      'CONFIG_CGROUP_BPF',
      {
        files: {
          '/boot/config-6.18.1':
            'CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_CGROUPS=y\nCONFIG_INET=y\nCONFIG_HZ=1000\n',
        },
      },
      { 'kernel.config': 'error' },
    ],
    [
      'a fast clock',
      { files: { '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'hpet' } },
      { 'kernel.clock': 'warning' },
    ],
    [
      'freedom of reading kernel memory',
      { files: { '/sys/kernel/security/lockdown': 'none integrity [confidentiality]' } },
      { 'kernel.lockdown': 'note' },
    ],
    [
      'a view of all processes',
      {
        capabilities: '000001fffeffffff',
        hidden: [{ id: '1', name: 'init', permitted: (1n << 41n) - 1n }],
      },
      { 'process.namespaces': 'note' },
    ],
    ['room', { freeBytes: 2 ** 29 }, { 'output.space': 'warning' }],
    [
      'a compiler, with the addon there',
      { programs: ['make', 'g++'] },
      { 'toolchain.clang': 'note' },
    ],
    ['a Node that is new enough', { nodeVersion: '18.19.0' }, { 'toolchain.node': 'error' }],
  ];
  for (const [what, fake, faults] of cases) {
    test(what, () => {
      const diagnosis = look(fake);
      assert.deepEqual(faultsOf(diagnosis), faults);
      assert.equal(diagnosis.canCapture, !Object.values(faults).includes('error'));
    });
  }
});

test('HZ comes from the clocks, else from the configuration, else from nowhere', () => {
  const addon = { ...WORKING_ADDON, hz: undefined };
  assert.match(checkOf(look(), 'kernel.hz').found, /^250, by its clocks/);
  assert.match(checkOf(look({}, { addon }), 'kernel.hz').found, /^250 \(\/boot\/config/);
  const none = look({ files: { '/boot/config-6.18.1': undefined } }, { addon });
  assert.deepEqual(faultsOf(none), { 'kernel.hz': 'note' });
});

test('the tier goes by the kernel, and each names the next one', () => {
  const tiers = [
    '5.4.0',
    '5.10.0',
    '5.14.21',
    '5.15.1',
    '6.9',
    '6.10.2',
    '6.12.0',
    '6.15.0',
    '7.1',
  ];
  assert.deepEqual(
    tiers.map((kernelRelease) => look({ kernelRelease }).tier.id),
    ['T0', 'T1', 'T1', 'T2', 'T2', 'T3', 'T4', 'T5', 'T5'],
  );
  const check = checkOf(look({ kernelRelease: '6.11.0' }), 'kernel.release-tier');
  assert.equal(check.severity, 'note');
  assert.match(check.remedy ?? '', /^T4, from 6\.12 on, adds connections/);
  assert.equal(look({ kernelRelease: '5.4.0' }).canCapture, false);
});

test('a kernel before 5.11 counts rings as locked memory', () => {
  const limits = 'Max locked memory         65536                65536                bytes\n';
  const diagnosis = look({
    kernelRelease: '5.10.1',
    files: { '/proc/self/limits': limits, '/boot/config-5.10.1': undefined },
  });
  assert.match(checkOf(diagnosis, 'kernel.memlock').found, /^65536 bytes/);
  assert.equal(
    look().checks.some(({ id }) => id === 'kernel.memlock'),
    false,
  );
});

test('a hybrid of v1 and v2 works, and before 5.15 warns of net_cls', () => {
  const mountInfo = [
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    '32 31 0:29 / /sys/fs/cgroup/net_cls,net_prio rw - cgroup cgroup rw,net_cls,net_prio',
    '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n');
  const unified = '/sys/fs/cgroup/unified';
  const files = {
    '/proc/self/mountinfo': mountInfo,
    [unified]: '',
    [`${unified}/cgroup.procs`]: '',
  };
  assert.equal(checkOf(look({ files }), 'kernel.cgroup2').found, `${unified}, beside cgroup v1`);
  const old = look({ files, kernelRelease: '5.10.0' });
  assert.match(checkOf(old, 'kernel.cgroup2').found, /with net_cls, net_prio/);
});

test('a cgroup may be given below the mount, or by a link, as the source takes it', () => {
  const own = '/sys/fs/cgroup/system.slice/web.service';
  const files = { [own]: '', [`${own}/cgroup.procs`]: '', '/run/web': '' };
  const links = { '/run/web': own };
  for (const cgroup of [own, '/system.slice/web.service', 'system.slice/web.service', '/run/web']) {
    const { severity, found } = checkOf(look({ files, links }, { cgroup }), 'cgroup.path');
    assert.deepEqual([severity, found], ['ok', own], cgroup);
  }
});

test('a cgroup that is given must be one of version 2', () => {
  const own = '/sys/fs/cgroup/web';
  const files = { [own]: '', [`${own}/cgroup.procs`]: '', '/tmp/x': '' };
  assert.equal(checkOf(look({ files }, { cgroup: own }), 'cgroup.path').severity, 'ok');
  assert.match(
    checkOf(look({ files }, { cgroup: '/tmp/x' }), 'cgroup.path').found,
    /no cgroup of version 2/,
  );
  const gone = look({ files }, { cgroup: '/sys/fs/cgroup/gone' });
  assert.match(checkOf(gone, 'cgroup.path').found, /there is no such cgroup/);
  assert.equal(gone.canCapture, false);
});

test('an output whose folder cannot be written is an error only where it is asked for', () => {
  const refusals = { '/data': 'EROFS', [process.cwd()]: 'EACCES' };
  assert.equal(checkOf(look({ refusals }), 'output.space').severity, 'note');
  const asked = look({ refusals }, { output: '/data/out.sfrec' });
  assert.equal(checkOf(asked, 'output.space').severity, 'error');
  assert.match(checkOf(asked, 'output.space').found, /EROFS/);
});

test('without the addon nothing live works, and the remedy says how to get it', () => {
  const addon = { missing: 'it is not installed', remedy: 'install it' };
  const diagnosis = look({ programs: [] }, { addon });
  assert.equal(diagnosis.canCapture, false);
  assert.equal(checkOf(diagnosis, 'addon').remedy, 'install it');
  assert.equal(checkOf(diagnosis, 'toolchain.clang').severity, 'warning');
  const works = diagnosis.abilities.filter((ability) => ability.works);
  assert.deepEqual(
    works.map(({ id }) => id),
    ['recordings'],
  );
});

test('features that the kernel refuses do not work, and say which capability they need', () => {
  const addon = { ...WORKING_ADDON, probes: { probes: [], features: 1 } };
  const { abilities } = look({ capabilities: '8000001000' }, { addon });
  const needs = Object.fromEntries(abilities.map((ability) => [ability.id, ability.needs]));
  assert.equal(needs['netns-cookies'], undefined);
  assert.equal(needs['socket-errors'], 'CAP_PERFMON');
  assert.equal(needs['existing-connections'], 'CAP_PERFMON');
});

test('a helper that has to work is an error, one that may be missing a note', () => {
  const probes = [
    { id: 'btf', works: false, errno: 2 },
    { id: 'map-ring-buffer', works: false, errno: 22 },
    { id: 'helper-netns-cookie', works: false, errno: 22 },
    { id: 'read-socket', works: false, errno: 1 },
  ];
  const addon = { ...WORKING_ADDON, probes: { probes, features: 0 } };
  const diagnosis = look({}, { addon });
  assert.deepEqual(faultsOf(diagnosis), {
    'helper.map-ring-buffer': 'error',
    'helper.netns-cookie': 'note',
    'helper.read-socket': 'note',
  });
  assert.match(checkOf(diagnosis, 'helper.map-ring-buffer').found, /EINVAL/);
  assert.equal(checkOf(diagnosis, 'helper.read-socket').remedy, 'Grant CAP_PERFMON');
  const old = look({ kernelRelease: '5.10.1' }, { addon });
  assert.equal(checkOf(old, 'helper.netns-cookie').remedy, 'Linux 5.15 has it');
});

test('without CAP_PERFMON owners’ commands need it, with it one way to them is enough', () => {
  const found = (works: Readonly<Record<string, boolean>>, kernelRelease: string) => {
    const probes = Object.entries(works).map(([id, isThere]) => ({
      id,
      works: isThere,
      errno: isThere ? 0 : 1,
    }));
    const addon = { ...WORKING_ADDON, probes: { probes, features: 0 } };
    const { checks } = look({ kernelRelease }, { addon });
    return checks
      .filter(({ id, severity }) => id.startsWith('helper.') && severity !== 'ok')
      .map(({ id, found: text, remedy }) => `${id} ${text}; ${remedy}`);
  };
  const none = {
    'helper-current-pid': true,
    'helper-current-comm': false,
    'read-current-task': false,
  };
  for (const kernelRelease of ['6.18.1', '6.12.0']) {
    assert.deepEqual(found(none, kernelRelease), [
      'helper.current-comm refused (EPERM): no commands of owners; Grant CAP_PERFMON',
      'helper.read-current-task refused (EPERM): no commands of owners; Grant CAP_PERFMON',
    ]);
  }
  assert.deepEqual(found({ ...none, 'read-current-task': true }, '6.12.0'), [
    'helper.current-comm refused (EPERM): read-current-task serves instead; Linux 6.16 has it',
  ]);
  assert.deepEqual(found({ ...none, 'helper-current-comm': true }, '6.18.1'), [
    'helper.read-current-task refused (EPERM): current-pid and current-comm serve instead; Grant CAP_PERFMON',
  ]);
});

test('without the capabilities to load, helpers are not known, which is no error of its own', () => {
  const addon = {
    ...WORKING_ADDON,
    probes: { probes: [{ id: 'map-ring-buffer', works: false, errno: 1 }], features: 0 },
  };
  const diagnosis = look({ capabilities: '0' }, { addon });
  assert.deepEqual(
    diagnosis.checks
      .filter(({ id }) => id.startsWith('helper.'))
      .map(({ id, severity }) => [id, severity]),
    [['helper.probe', 'note']],
  );
});

describe('CAP_PERFMON that is missing', () => {
  const capabilities = '8000001000';
  const perfmonOf = (
    kernelRelease: string,
    tryLoad: AddonState['tryLoad'],
    fake: FakeMachine = {},
  ): { check: Check; canCapture: boolean } => {
    const addon = { ...WORKING_ADDON, tryLoad };
    const diagnosis = look({ capabilities, kernelRelease, ...fake }, { addon });
    return {
      check: checkOf(diagnosis, 'capability.perfmon'),
      canCapture: diagnosis.canCapture,
    };
  };
  const files = { '/boot/config-6.1.0': undefined };

  test('is an error where the kernel refuses the program without it, whatever its version', () => {
    for (const kernelRelease of ['6.1.0', '6.18.1']) {
      const refuse = () => ({ works: false, errnoName: 'EACCES' });
      const { check, canCapture } = perfmonOf(kernelRelease, refuse);
      assert.deepEqual([check.severity, canCapture], ['error', false]);
      assert.match(check.found, /CAP_PERFMON is missing: this kernel refuses.*\(EACCES\)/);
      assert.match(check.remedy ?? '', /before Linux 6\.18 the verifier/);
    }
  });

  test('is a warning where the program loads, on an older kernel too: of backports', () => {
    const { check, canCapture } = perfmonOf('6.1.0', () => ({ works: true }));
    assert.deepEqual([check.severity, canCapture], ['warning', true]);
  });

  test('goes by the version where the program cannot be tried', () => {
    const { check } = perfmonOf('6.17.13', () => undefined);
    assert.equal(check.severity, 'error');
    assert.match(check.found, /by the kernel's version \(backports may differ\)/);
    assert.equal(perfmonOf('6.18.0', () => undefined).check.severity, 'warning');
  });

  test('leaves the helpers known: tiny programs load', () => {
    const addon = { ...WORKING_ADDON, tryLoad: () => undefined };
    const diagnosis = look({ capabilities, kernelRelease: '6.1.0', files }, { addon });
    assert.equal(checkOf(diagnosis, 'helper.map-ring-buffer').severity, 'ok');
  });

  test('has nothing tried where the program cannot be loaded for want of more', () => {
    const fail = () => assert.fail('tried');
    perfmonOf('6.1.0', fail, { capabilities: '0' });
    perfmonOf('6.1.0', fail, { links: { '/proc/self/ns/user': 'user:[4026532001]' } });
    perfmonOf('6.1.0', fail, { capabilities: 'c000001000' });
  });
});

describe('other sock_ops programs on the way to the root', () => {
  const files = { '/sys/fs/cgroup/a/b': '', '/sys/fs/cgroup/a/b/cgroup.procs': '' };
  const programs: Readonly<Record<string, { id: number; name: string }[]>> = {
    '/sys/fs/cgroup': [{ id: 7, name: 'tune_sockops' }],
    '/sys/fs/cgroup/a/b': [
      { id: 9, name: 'sockflow_events' },
      { id: 11, name: '' },
    ],
  };
  const addon = { ...WORKING_ADDON, programsOf: (cgroup: string) => programs[cgroup] ?? [] };
  const find = (cgroup: string): Check =>
    checkOf(look({ files }, { addon, cgroup }), 'bpf.other-programs');

  test('are named with their place, and disturb nothing', () => {
    const check = find('/sys/fs/cgroup/a/b');
    assert.equal(check.severity, 'note');
    assert.equal(
      check.found,
      'sockflow_events (id 9) at /sys/fs/cgroup/a/b, a program (id 11) at /sys/fs/cgroup/a/b, tune_sockops (id 7) at /sys/fs/cgroup: each event runs them too',
    );
    assert.match(check.remedy ?? '', /overwrites cb flags/);
  });

  test('beside the way do not count', () => {
    assert.match(
      find('/sys/fs/cgroup').found,
      /^tune_sockops \(id 7\) at \/sys\/fs\/cgroup: each event runs it too/,
    );
  });

  test('are not known where the kernel does not tell', () => {
    const refused = { ...WORKING_ADDON, programsOf: () => assert.fail('EPERM') };
    assert.match(checkOf(look({}, { addon: refused }), 'bpf.other-programs').found, /^not known/);
  });
});

test('another system has recordings only', () => {
  const machine = fakeMachine({ platform: 'darwin', kernelRelease: '24.1.0' });
  const diagnosis = diagnose({ machine });
  assert.equal(diagnosis.canCapture, false);
  assert.equal(diagnosis.tier.id, 'T0');
  assert.match(checkOf(diagnosis, 'addon').found, /found darwin on x64/);
  assert.equal(
    diagnosis.checks.some(({ id }) => id.startsWith('capability.')),
    false,
  );
});

test('a machine of which nothing can be read is still described', () => {
  const machine = {
    ...fakeMachine(),
    read: () => undefined,
    link: () => undefined,
    refusal: () => 'EACCES',
    freeBytes: () => undefined,
    versionOf: () => undefined,
  };
  const diagnosis = diagnose({ machine, addon: WORKING_ADDON });
  assert.equal(diagnosis.canCapture, false);
  assert.match(checkOf(diagnosis, 'kernel.clock').found, /not known/);
});
