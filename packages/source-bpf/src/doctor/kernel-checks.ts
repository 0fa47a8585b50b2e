import { isAtLeast, type KernelVersion } from '../host/kernel-version.ts';
import { type Check, fault, ok } from './check.ts';
import { readKernelConfig } from './kernel-config.ts';
import type { Machine } from './machine.ts';
import { tierOf, TIERS } from './tier.ts';

const BTF_PATH = '/sys/kernel/btf/vmlinux';
const CLOCK_SOURCE_PATH = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
/** Reading these takes about a microsecond, each time an event is stamped. */
const SLOW_CLOCKS: ReadonlySet<string> = new Set(['hpet', 'acpi_pm', 'jiffies', 'refined-jiffies']);
const NEEDED_SETTINGS = ['BPF', 'BPF_SYSCALL', 'CGROUPS', 'CGROUP_BPF', 'INET'];
/** The oldest kernel whose BPF memory is not counted against RLIMIT_MEMLOCK. */
const NO_MEMLOCK_SINCE: KernelVersion = [5, 11];

/** kernel.*, cgroups apart. */
export function kernelChecks(
  machine: Machine,
  version: KernelVersion | undefined,
  clocksHz: number | undefined,
): Check[] {
  const text = (path: string): string | undefined => machine.read(path)?.toString('utf8').trim();
  return [
    releaseCheck(machine.kernelRelease, version),
    ...configCheck(machine),
    btfCheck(machine),
    lockdownCheck(text('/sys/kernel/security/lockdown')),
    jitCheck(text('/proc/sys/net/core/bpf_jit_enable'), text('/proc/sys/net/core/bpf_jit_harden')),
    hzCheck(machine, clocksHz),
    clockCheck(text(CLOCK_SOURCE_PATH)),
    statsCheck(text('/proc/sys/kernel/bpf_stats_enabled')),
    ...memlockCheck(text('/proc/self/limits'), version),
  ];
}

function releaseCheck(release: string, version: KernelVersion | undefined): Check {
  const id = 'kernel.release-tier';
  const tier = tierOf(version);
  if (tier.since === undefined) {
    return fault(
      id,
      'error',
      `${release} is ${tier.id}: older than the first kernel that works`,
      `Take a kernel from ${TIERS[1]?.since?.join('.')} on; recordings work on this one`,
    );
  }
  const next = TIERS[TIERS.indexOf(tier) + 1];
  if (next?.since === undefined) return ok(id, `${release} is ${tier.id}, the highest tier`);
  return fault(
    id,
    'note',
    `${release} is ${tier.id}`,
    `${next.id}, from ${next.since.join('.')} on, adds ${next.adds}`,
  );
}

function configCheck(machine: Machine): Check[] {
  const config = readKernelConfig(machine);
  if (config === undefined) return [];
  const id = 'kernel.config';
  const missing = NEEDED_SETTINGS.filter((name) => config.get(name) === undefined);
  if (missing.length === 0) return [ok(id, `BPF on cgroups is built in (${config.path})`)];
  return [
    fault(
      id,
      'error',
      `the kernel is built without ${missing.map((name) => `CONFIG_${name}`).join(', ')}`,
      'Take a kernel that is built with them, as those of the distributions are',
    ),
  ];
}

function btfCheck(machine: Machine): Check {
  const id = 'kernel.btf';
  const refusal = machine.refusal(BTF_PATH, 'read');
  if (refusal === undefined) return ok(id, BTF_PATH);
  return fault(
    id,
    'error',
    `${BTF_PATH}: ${refusal}`,
    refusal === 'ENOENT'
      ? 'Take a kernel with CONFIG_DEBUG_INFO_BTF, or give its BTF file as btfPath'
      : 'Make it readable: mount /sys into the container, read-only is enough',
  );
}

/** LOCKDOWN_BPF_READ_KERNEL of linux/security.h is refused in mode `confidentiality` only. */
function lockdownCheck(lockdown: string | undefined): Check {
  const id = 'kernel.lockdown';
  const mode = /\[(\w+)\]/.exec(lockdown ?? '')?.[1];
  if (mode === undefined) return ok(id, 'none: the kernel has no lockdown, or does not show it');
  if (mode !== 'confidentiality') return ok(id, mode);
  return fault(
    id,
    'note',
    'confidentiality: helpers that read kernel memory are refused; owners may stay unknown',
    'Boot with lockdown=integrity if owners matter on a kernel before 6.16',
  );
}

function jitCheck(enabled: string | undefined, harden: string | undefined): Check {
  const id = 'kernel.jit';
  if (enabled === '0' || enabled === undefined) {
    return fault(
      id,
      'warning',
      enabled === '0' ? 'off: programs are interpreted' : 'not built in: programs are interpreted',
      enabled === '0' ? 'sysctl net.core.bpf_jit_enable=1' : 'Take a kernel with CONFIG_BPF_JIT',
    );
  }
  if (enabled === '2') {
    return fault(id, 'note', 'on, and it prints what it makes', 'sysctl net.core.bpf_jit_enable=1');
  }
  if (harden !== '2') return ok(id, 'on');
  return fault(
    id,
    'note',
    'on and hardened for everybody: programs run somewhat slower',
    'sysctl net.core.bpf_jit_harden=1 hardens those of other users only',
  );
}

function hzCheck(machine: Machine, clocksHz: number | undefined): Check {
  const id = 'kernel.hz';
  if (clocksHz !== undefined) return ok(id, `${clocksHz}, by its clocks`);
  const config = readKernelConfig(machine);
  const hz = config?.get('HZ');
  if (hz !== undefined) return ok(id, `${hz} (${config?.path})`);
  return fault(
    id,
    'note',
    `not known: no addon to read the clocks with, and no configuration to be seen`,
    'It comes with the addon: without it an RTO_CB has its time-out in jiffies only',
  );
}

function clockCheck(clock: string | undefined): Check {
  const id = 'kernel.clock';
  if (clock === undefined) return fault(id, 'note', 'not known: /sys does not show it');
  if (!SLOW_CLOCKS.has(clock)) return ok(id, clock);
  return fault(
    id,
    'warning',
    `${clock}: slow to read, and each event is stamped`,
    'See dmesg for why the kernel gave up tsc',
  );
}

function statsCheck(enabled: string | undefined): Check {
  const id = 'kernel.bpf-stats';
  if (enabled !== '1') return ok(id, 'off');
  return fault(
    id,
    'note',
    'on: each run of a program is timed, which costs more than a filtered event',
    'sysctl kernel.bpf_stats_enabled=0 when nothing is measured',
  );
}

function memlockCheck(limits: string | undefined, version: KernelVersion | undefined): Check[] {
  if (version === undefined || isAtLeast(version, NO_MEMLOCK_SINCE)) return [];
  const id = 'kernel.memlock';
  const [, soft] = /^Max locked memory\s+(\S+)/m.exec(limits ?? '') ?? [];
  if (soft === undefined || soft === 'unlimited') return [ok(id, soft ?? 'not known')];
  return [
    fault(
      id,
      'warning',
      `${soft} bytes: before 5.11 rings count as locked memory`,
      'ulimit -l unlimited, or LimitMEMLOCK=infinity',
    ),
  ];
}
