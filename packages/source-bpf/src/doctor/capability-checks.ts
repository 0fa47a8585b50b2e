import { Capability, INITIAL_USER_NAMESPACE } from '../host/capabilities.ts';
import type { KernelVersion } from '../host/kernel-version.ts';
import { needsPerfmonToLoad, PERFMON_REASON } from '../host/perfmon-need.ts';
import type { TriedLoad } from './addon-state.ts';
import { type Check, fault, ok, type Severity } from './check.ts';
import type { Machine } from './machine.ts';

const PERFMON_ID = 'capability.perfmon';

interface Needed {
  readonly id: string;
  readonly name: string;
  readonly bits: readonly number[];
  readonly missing: Exclude<Severity, 'ok'>;
  readonly without: string;
}

const NEEDED: readonly Needed[] = [
  {
    id: 'capability.bpf',
    name: 'CAP_BPF',
    bits: [Capability.BPF, Capability.SYS_ADMIN],
    missing: 'error',
    without: 'no program can be loaded',
  },
  {
    id: 'capability.net_admin',
    name: 'CAP_NET_ADMIN',
    bits: [Capability.NET_ADMIN],
    missing: 'error',
    without: 'no sock_ops program can be loaded or attached',
  },
  {
    id: PERFMON_ID,
    name: 'CAP_PERFMON',
    bits: [Capability.PERFMON, Capability.SYS_ADMIN],
    missing: 'warning',
    without:
      'no commands of owners, sk_err, cgroup ids; connections that are there already stay unseen',
  },
  {
    id: 'capability.sys_admin',
    name: 'CAP_SYS_ADMIN',
    bits: [Capability.SYS_ADMIN],
    missing: 'note',
    without: 'connections that are there already are not taken in from other network namespaces',
  },
];

/** Which of the capabilities this process has in effect; `undefined` where nobody says. */
export function effectiveCapabilities(machine: Machine): bigint | undefined {
  const status = machine.read('/proc/self/status')?.toString('latin1') ?? '';
  const [, bits] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return bits === undefined ? undefined : BigInt(`0x${bits}`);
}

/**
 * capability.*, process.user-namespace, process.seccomp.
 *
 * @param tryLoad called only where CAP_PERFMON is all that may be missing
 */
export function capabilityChecks(
  machine: Machine,
  version: KernelVersion | undefined,
  tryLoad: () => TriedLoad,
): Check[] {
  const effective = effectiveCapabilities(machine);
  const checks = [
    ...NEEDED.map((needed) => capabilityCheck(needed, effective)),
    ...userNamespaceCheck(machine),
    ...seccompCheck(machine),
  ];
  const mayLoad = mayLoadPrograms(checks);
  return checks.map((check) =>
    check.id === PERFMON_ID && effective !== undefined && check.severity !== 'ok'
      ? withoutPerfmon(check, version, mayLoad ? tryLoad() : undefined)
      : check,
  );
}

/** Whether what is needed on every kernel is there: tiny programs can be loaded. */
export function mayLoadPrograms(checks: readonly Check[]): boolean {
  return checks.every(({ id, severity }) => severity !== 'error' || id === PERFMON_ID);
}

/** Found by loading the program itself; else by the kernel's version. */
function withoutPerfmon(check: Check, version: KernelVersion | undefined, tried: TriedLoad): Check {
  const isRefused = tried === undefined ? needsPerfmonToLoad(version) : !tried.works;
  if (!isRefused) return check;
  const found =
    tried === undefined
      ? `nothing loads without it, by the kernel's version (backports may differ)`
      : `this kernel refuses the program without it (${tried.errnoName})`;
  return fault(
    check.id,
    'error',
    `CAP_PERFMON is missing: ${found}`,
    `Run as root, or grant CAP_PERFMON: ${PERFMON_REASON}`,
  );
}

function capabilityCheck(needed: Needed, effective: bigint | undefined): Check {
  const { id, name, bits, missing, without } = needed;
  if (effective === undefined) {
    return fault(id, 'warning', `not known: /proc/self/status cannot be read`, 'Mount /proc');
  }
  const [own] = bits;
  if (own !== undefined && has(effective, own)) return ok(id, `${name} is in effect`);
  if (bits.some((bit) => has(effective, bit))) return ok(id, `CAP_SYS_ADMIN stands for ${name}`);
  return fault(id, missing, `${name} is missing: ${without}`, `Run as root, or grant ${name}`);
}

function has(effective: bigint, bit: number): boolean {
  return ((effective >> BigInt(bit)) & 1n) === 1n;
}

/** The kernel asks for capabilities in the first user namespace; those of a container's own count for nothing. */
function userNamespaceCheck(machine: Machine): Check[] {
  const id = 'process.user-namespace';
  const namespace = machine.link('/proc/self/ns/user');
  if (namespace === undefined) return [];
  if (namespace === INITIAL_USER_NAMESPACE) return [ok(id, "the host's")];
  return [
    fault(
      id,
      'error',
      `${namespace}, not the host's: its capabilities do not count for BPF`,
      'Run it on the host, or in a container without a user namespace of its own',
    ),
  ];
}

function seccompCheck(machine: Machine): Check[] {
  const status = machine.read('/proc/self/status')?.toString('latin1') ?? '';
  const [, mode] = /^Seccomp:\s*(\d)$/m.exec(status) ?? [];
  if (mode === undefined) return [];
  const id = 'process.seccomp';
  if (mode === '0') return [ok(id, 'no filter of system calls')];
  return [
    fault(
      id,
      'note',
      'system calls are filtered: bpf() may be refused whatever the capabilities',
      'If helper.* are refused, allow bpf in the seccomp profile of the container or service',
    ),
  ];
}
