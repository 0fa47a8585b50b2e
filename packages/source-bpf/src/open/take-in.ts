import { release } from 'node:os';

import { KernelError } from '../errors.ts';
import { Feature } from '../features.ts';
import { Capabilities } from '../host/capabilities.ts';
import { type HiddenProcess, hiddenText, neededToSee } from '../host/hidden-processes.ts';
import {
  findNetworkNamespaces,
  type FoundNamespaces,
  type NetworkNamespace,
} from '../host/network-namespaces.ts';
import { toKernelError } from '../kernel-error.ts';
import type { NativeFailure, NativeSource } from '../native/binding-types.ts';
import type { BpfSettings } from '../options/check-bpf-options.ts';

/** What is to be taken in, and of what. */
export interface TakeInOptions {
  readonly existing: BpfSettings['existing'];
  /** The path below its mount of the cgroup that is observed. */
  readonly cgroup: string;
}

/** Of the opened source, what taking in needs. */
export type TakingIn = Pick<NativeSource, 'features' | 'takeIn'>;

/** What became of the connections that were there already. */
export interface TakenIn {
  /** Namespaces, besides this thread's, whose sockets may have our flags now. */
  readonly namespaces: readonly NetworkNamespace[];
  /** What could not be done and why, a sentence each. */
  readonly warnings: readonly string[];
}

/** What is asked of the machine; tests give their own. */
export interface TakeInMachine {
  readonly capabilities: Capabilities;
  findNamespaces(): FoundNamespaces;
}

const CONTEXT = {
  doing: 'taking in existing connections',
  needs: ['BPF', 'NET_ADMIN', 'PERFMON'],
} as const;
const LEAVE_OUT =
  "Leave existing out: what can be taken in is, and a warning tells the rest; 'off' leaves all alone";

/**
 * Before anything is attached: whether what was asked for by name can be done.
 *
 * @throws ERR_SOCKFLOW_KERNEL_TOO_OLD, ERR_SOCKFLOW_KERNEL_PERMISSION
 */
export function checkTakeIn(
  source: TakingIn,
  { existing, cgroup }: TakeInOptions,
  machine: TakeInMachine = machineOf(cgroup),
): void {
  if (existing === 'off' || existing === 'auto') return;
  if ((source.features & Feature.TAKE_IN) === 0) refused(existing, machine);
  if (existing === 'own-netns') return;
  lookAround(machine, true);
}

/**
 * Takes in the TCP connections that were there before the program: their cb flags are requested, and each gives a snapshot.
 *
 * After the attachment: who connects in between is seen twice, by its events and by its snapshot, rather than not at all.
 *
 * @throws ERR_SOCKFLOW_KERNEL_PERMISSION and others, where it was asked for by name and cannot be done
 */
export function takeInExisting(
  source: TakingIn,
  { existing, cgroup }: TakeInOptions,
  machine: TakeInMachine = machineOf(cgroup),
): TakenIn {
  if (existing === 'off') return { namespaces: [], warnings: [] };
  if ((source.features & Feature.TAKE_IN) === 0) return refused(existing, machine);
  try {
    source.takeIn();
  } catch (error) {
    if (existing !== 'auto') throw toKernelError(error, CONTEXT);
    return { namespaces: [], warnings: [`existing connections were not taken in: ${told(error)}`] };
  }
  if (existing === 'own-netns') return { namespaces: [], warnings: [] };
  return takeInOthers(source, existing === 'all-netns', machine);
}

function machineOf(cgroup: string): TakeInMachine {
  return {
    capabilities: Capabilities.read(),
    findNamespaces: () => findNetworkNamespaces(cgroup),
  };
}

function refused(existing: BpfSettings['existing'], { capabilities }: TakeInMachine): TakenIn {
  const missing = capabilities.missing(
    existing === 'all-netns' ? ['PERFMON', 'SYS_ADMIN'] : ['PERFMON'],
  );
  const reason =
    missing.length > 0
      ? `the iterator over TCP sockets needs ${missing.join(' and ')}, which this process has not`
      : `Linux ${release()} cannot set cb flags from an iterator: Linux 6.12 can`;
  if (existing === 'auto') {
    return { namespaces: [], warnings: [`existing connections were not taken in: ${reason}`] };
  }
  throw new KernelError(
    missing.length > 0 ? 'ERR_SOCKFLOW_KERNEL_PERMISSION' : 'ERR_SOCKFLOW_KERNEL_TOO_OLD',
    `bpf: existing is '${existing}', and ${reason}`,
    {
      details: { missingCapabilities: missing, kernelRelease: release() },
      remedy: missing.length > 0 ? `Grant ${missing.join(' and ')}. ${LEAVE_OUT}` : LEAVE_OUT,
    },
  );
}

/** The other namespaces, and what keeps this process from some of them. */
interface Surroundings {
  readonly others: readonly NetworkNamespace[];
  readonly hidden: readonly HiddenProcess[];
  readonly canEnter: boolean;
  /** Why not all can be taken in, each a clause. */
  readonly unmet: readonly string[];
}

function lookAround(machine: TakeInMachine, isDemanded: boolean): Surroundings {
  const { others, hidden } = machine.findNamespaces();
  const isHidden = hidden.length > 0;
  const toEnter = others.length > 0 || isHidden ? machine.capabilities.missing(['SYS_ADMIN']) : [];
  const unmet = [
    ...toEnter.map((name) => `entering other network namespaces needs ${name}`),
    ...(isHidden ? [hiddenText(hidden, machine.capabilities)] : []),
  ];
  if (isDemanded && unmet.length > 0) {
    throw notAllowed(unmet, [...toEnter, ...neededToSee(hidden, machine.capabilities)]);
  }
  return { others, hidden, canEnter: toEnter.length === 0, unmet };
}

function takeInOthers(source: TakingIn, isDemanded: boolean, machine: TakeInMachine): TakenIn {
  const { others, hidden, canEnter, unmet } = lookAround(machine, isDemanded);
  if (!canEnter) {
    return {
      namespaces: [],
      warnings: [
        `existing connections of other network namespaces were not taken in: ${unmet.join(', and ')}`,
      ],
    };
  }
  const failures: string[] = [];
  const namespaces = others.filter(({ path }) => {
    try {
      source.takeIn(path);
      return true;
    } catch (error) {
      // Its last process has ended meanwhile.
      if (isGone(error)) return false;
      if (isDemanded) throw toKernelError(error, { ...CONTEXT, doing: `entering ${path}` });
      failures.push(`${path}: ${told(error)}`);
      return false;
    }
  });
  const warnings = failures.map((text) => `existing connections were not taken in of ${text}`);
  if (hidden.length > 0) {
    warnings.push(
      `existing connections were taken in as far as seen: ${hiddenText(hidden, machine.capabilities)}`,
    );
  }
  return { namespaces, warnings };
}

function notAllowed(unmet: readonly string[], missingCapabilities: readonly string[]): KernelError {
  return new KernelError(
    'ERR_SOCKFLOW_KERNEL_PERMISSION',
    `bpf: existing is 'all-netns', and ${unmet.join(', and ')}`,
    {
      details: { missingCapabilities },
      remedy:
        missingCapabilities.length === 0
          ? LEAVE_OUT
          : `Grant ${missingCapabilities.join(' and ')}. ${LEAVE_OUT}`,
    },
  );
}

function isGone(error: unknown): boolean {
  const { syscall, errnoName } = error as Partial<NativeFailure>;
  return syscall === 'open' && (errnoName === 'ENOENT' || errnoName === 'ESRCH');
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
