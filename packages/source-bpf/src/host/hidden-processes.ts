import type { Capabilities } from './capabilities.ts';

/** A process whose namespaces this process may not see. */
export interface HiddenProcess {
  readonly id: string;
  /** `undefined` where nobody says. */
  readonly name: string | undefined;
  /** Bits of the capabilities that are permitted to it. */
  readonly permitted: bigint;
}

const MAX_NAMED = 3;

/** What /proc/PID/status says of it. */
export function hiddenProcess(id: string, status: string): HiddenProcess {
  const [, name] = /^Name:\t(.*)$/m.exec(status) ?? [];
  const [, digits = '0'] = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return { id, name, permitted: BigInt(`0x${digits}`) };
}

/**
 * What would show them, as CAP_…: ptrace_may_access of kernel/ptrace.c lets CAP_SYS_PTRACE see all, and cap_ptrace_access_check of security/commoncap.c nobody without it who has less than
 * the one that is looked at. Empty where that is not the reason.
 */
export function neededToSee(
  processes: readonly HiddenProcess[],
  capabilities: Capabilities,
): string[] {
  if (processes.length === 0) return [];
  if (!capabilities.has('SYS_PTRACE')) return ['CAP_SYS_PTRACE'];
  return capabilities.lacking(processes.reduce((bits, { permitted }) => bits | permitted, 0n));
}

/** That they cannot be seen and why, a clause. */
export function hiddenText(
  processes: readonly HiddenProcess[],
  capabilities: Capabilities,
): string {
  const named = processes
    .slice(0, MAX_NAMED)
    .map(({ id, name }) => (name === undefined ? id : `${id} (${name})`));
  const rest = processes.length - named.length;
  const isOne = processes.length === 1;
  const whose = `${isOne ? 'process' : 'processes'} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `the network namespace of ${whose} in the cgroup cannot be seen: ${reason(isOne, processes, capabilities)}`;
}

function reason(
  isOne: boolean,
  processes: readonly HiddenProcess[],
  capabilities: Capabilities,
): string {
  const needed = neededToSee(processes, capabilities).join(' and ');
  if (!capabilities.has('SYS_PTRACE')) return `that needs ${needed}`;
  if (needed === '') return 'the kernel refuses it, and not for want of a capability';
  return `${isOne ? 'it has' : 'they have'} ${needed}, which this process has not`;
}
