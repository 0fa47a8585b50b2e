import type { HiddenProcess } from '../host/hidden-processes.ts';
import type { AddonState } from './addon-state.ts';
import type { Machine } from './machine.ts';

const CGROUP2 = '/sys/fs/cgroup';

/** A Linux machine with all that live capture needs, but for what a test changes. */
export interface FakeMachine {
  readonly platform?: string;
  readonly kernelRelease?: string;
  readonly nodeVersion?: string;
  /** Effective capabilities, hexadecimal. */
  readonly capabilities?: string;
  /** Texts of files; `undefined`: there is none. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly links?: Readonly<Record<string, string | undefined>>;
  readonly refusals?: Readonly<Record<string, string>>;
  readonly freeBytes?: number;
  readonly programs?: readonly string[];
  readonly hidden?: readonly HiddenProcess[];
}

const ALL_CAPABILITIES = '000001ffffffffff';

/** The machine as doctor sees it. */
export function fakeMachine(fake: FakeMachine = {}): Machine {
  const { kernelRelease = '6.18.1', capabilities = ALL_CAPABILITIES } = fake;
  const files: Record<string, string | undefined> = {
    [`/boot/config-${kernelRelease}`]:
      'CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_CGROUPS=y\nCONFIG_CGROUP_BPF=y\nCONFIG_INET=y\nCONFIG_HZ=250\n',
    '/sys/kernel/btf/vmlinux': 'BTF',
    '/proc/self/mountinfo': `26 1 0:22 / ${CGROUP2} rw,nosuid - cgroup2 cgroup2 rw\n`,
    [CGROUP2]: '',
    [`${CGROUP2}/cgroup.procs`]: '1\n',
    '/proc/self/status': `Name:\tnode\nCapEff:\t${capabilities}\nSeccomp:\t0\n`,
    '/proc/sys/net/core/bpf_jit_enable': '1\n',
    '/proc/sys/kernel/bpf_stats_enabled': '0\n',
    '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
    '/usr/include/bpf/libbpf.h': '',
    ...fake.files,
  };
  const links: Record<string, string | undefined> = {
    '/proc/self/ns/user': 'user:[4026531837]',
    '/proc/self/ns/cgroup': 'cgroup:[4026531835]',
    ...fake.links,
  };
  const programs = fake.programs ?? ['clang', 'g++', 'make'];
  return {
    platform: fake.platform ?? 'linux',
    arch: 'x64',
    kernelRelease,
    nodeVersion: fake.nodeVersion ?? '20.20.0',
    read: (path) => {
      const text = files[path];
      return text === undefined ? undefined : Buffer.from(text);
    },
    link: (path) => links[path],
    realPath: (path) => links[path] ?? path,
    refusal: (path, use) => {
      const refused = fake.refusals?.[path];
      if (refused !== undefined) return refused;
      return use === 'write' || files[path] !== undefined ? undefined : 'ENOENT';
    },
    freeBytes: () => fake.freeBytes ?? 2 ** 40,
    hiddenProcesses: () => fake.hidden ?? [],
    versionOf: (program) => (programs.includes(program) ? `${program} 1.0` : undefined),
  };
}

/** An addon that finds everything. */
export const WORKING_ADDON: AddonState = {
  version: '0.1.0',
  libbpfVersion: '1.1',
  hz: 250,
  probes: {
    probes: [
      { id: 'map-ring-buffer', works: true, errno: 0 },
      { id: 'helper-netns-cookie', works: true, errno: 0 },
    ],
    features: 0x3ff,
  },
  tryLoad: () => ({ works: true }),
  programsOf: () => [],
};
