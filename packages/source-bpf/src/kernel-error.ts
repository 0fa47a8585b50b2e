import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';

import { KernelError, type KernelErrorCode } from './errors.ts';
import { Capabilities, type CapabilityName } from './host/capabilities.ts';
import { parseKernelVersion } from './host/kernel-version.ts';
import { needsPerfmonToLoad, PERFMON_REASON } from './host/perfmon-need.ts';
import type { NativeFailure } from './native/binding-types.ts';

/** What was being done when the addon threw. */
export interface KernelErrorContext {
  /** `attaching to /sys/fs/cgroup/unified`: follows "failed". */
  readonly doing: string;
  readonly cgroup?: string;
  /** What takes memory: `2 rings of 16777216 bytes`. */
  readonly room?: string;
  /** The file of BTF that was given. */
  readonly btfPath?: string;
  /** What it cannot do without; CAP_BPF and CAP_NET_ADMIN where not given. */
  readonly needs?: readonly CapabilityName[];
  readonly capabilities?: Capabilities;
  /** `uname -r`. */
  readonly kernelRelease?: string;
}

/** Without these nothing loads or attaches. */
export const BASE_CAPABILITIES: readonly CapabilityName[] = ['BPF', 'NET_ADMIN'];

const RESOURCE_ERRORS = new Set(['ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC']);
const VANISHED_ERRORS = new Set(['ENOENT', 'ENODEV', 'EBADF', 'ENOTDIR']);
/** libbpf's own codes begin here (enum libbpf_errno of libbpf.h): what it was given is not what it should be. */
const LIBBPF_ERRNO_START = 4000;
const DENIED_ERRORS = new Set(['EPERM', 'EACCES']);

/** Turns what the addon threw into the error of a user: who must do what. Anything else is given back as it is. */
export function toKernelError(thrown: unknown, context: KernelErrorContext): unknown {
  if (!isNativeFailure(thrown)) return thrown;
  const { code, message, remedy } = judge(thrown, context);
  const { step, syscall, errno, errnoName, verifierLog } = thrown;
  return new KernelError(code, message, {
    cause: thrown,
    remedy,
    details: {
      step,
      syscall,
      errno,
      errnoName,
      kernelRelease: releaseOf(context),
      missingCapabilities: isForWantOfPerfmon(thrown, context)
        ? missingOf(context, ['BPF', 'NET_ADMIN', 'PERFMON'])
        : missingOf(context),
      ...(context.cgroup === undefined ? {} : { path: context.cgroup }),
      ...(verifierLog === undefined ? {} : { verifierLog }),
    },
  });
}

/** Runs `act` and has what the addon throws as a KernelError. */
export function withKernelErrors<T>(context: KernelErrorContext, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw toKernelError(error, context);
  }
}

interface Judgement {
  readonly code: KernelErrorCode;
  readonly message: string;
  readonly remedy: string;
}

function judge(failure: NativeFailure, context: KernelErrorContext): Judgement {
  const { step, errnoName, verifierLog } = failure;
  const what = `${context.doing} failed: ${failure.syscall} gave ${errnoName}`;
  const missing = missingOf(context);
  const isDenied = DENIED_ERRORS.has(errnoName);
  if (isDenied && missing.length > 0) return denied(context, missing);
  if (RESOURCE_ERRORS.has(errnoName)) return noRoom(what, context);
  if (isForWantOfPerfmon(failure, context)) return wantsPerfmon(failure, context);
  if (isDenied && isLockedDown()) return lockedDown(what);
  if (failure.errno >= LIBBPF_ERRNO_START && step === 'open') return badObject(failure);
  if ((step === 'attach' || step === 'cgroup') && VANISHED_ERRORS.has(errnoName)) {
    return vanished(context);
  }
  if (step === 'attach' && isDenied) return held(what);
  const isRefused = isRefusal(failure);
  if (step === 'load' && errnoName === 'EPERM' && !isRefused) return memoryLimit(what);
  // Offsets and types of another kernel are what the verifier refuses first.
  if (step === 'load' && context.btfPath !== undefined) return badBtf(failure, context.btfPath);
  if (step === 'load' && isRefused) {
    return {
      code: 'ERR_SOCKFLOW_KERNEL_REFUSED',
      message: `the verifier refused the program (${errnoName}): ${lastWords(verifierLog ?? '')}`,
      remedy: `Report it with details.verifierLog and the kernel's release (${releaseOf(context)})`,
    };
  }
  if (isDenied) return notAllowed(what, failure);
  return {
    code: 'ERR_SOCKFLOW_KERNEL_FAILED',
    message: `${what}: ${failure.message}`,
    remedy: 'Run sockflow doctor: it tells what this machine allows',
  };
}

/** Whether the verifier looked at the program and said no. */
function isRefusal({ step, verifierLog }: NativeFailure): boolean {
  return step === 'load' && verifierLog !== undefined && verifierLog !== '';
}

/** A program that passes with CAP_PERFMON. Newer kernels do without it; what they refuse all the same may have another reason, and with a file of BTF it has. */
function isForWantOfPerfmon(failure: NativeFailure, context: KernelErrorContext): boolean {
  if (!isRefusal(failure) || RESOURCE_ERRORS.has(failure.errnoName)) return false;
  if (missingOf(context).length > 0 || missingOf(context, ['PERFMON']).length === 0) return false;
  return context.btfPath === undefined || isPerfmonKernel(context);
}

function isPerfmonKernel(context: KernelErrorContext): boolean {
  return needsPerfmonToLoad(parseKernelVersion(releaseOf(context)));
}

function wantsPerfmon(
  { errnoName, verifierLog = '' }: NativeFailure,
  context: KernelErrorContext,
): Judgement {
  const said = `the verifier gave ${errnoName} (${lastWords(verifierLog)})`;
  const { doing } = context;
  return {
    code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
    ...(isPerfmonKernel(context)
      ? {
          message: `${doing} needs CAP_PERFMON on Linux ${releaseOf(context)}, which this process has not: ${said}`,
          remedy: `Run it as root, or grant CAP_PERFMON as well: ${PERFMON_REASON}`,
        }
      : {
          message: `${doing} failed without CAP_PERFMON: ${said}`,
          remedy: `Try it as root, or grant CAP_PERFMON as well: ${PERFMON_REASON}. If it is refused all the same, report it with details.verifierLog`,
        }),
  };
}

function denied(context: KernelErrorContext, missing: readonly string[]): Judgement {
  const capabilities = context.capabilities ?? Capabilities.read();
  const where = capabilities.isInitialNamespace
    ? ''
    : ': the capabilities of this user namespace count for nothing here';
  const list = missing.map((name) => name.toLowerCase().replace(/^cap_/, '+')).join(',');
  return {
    code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
    message: `${context.doing} needs ${missing.join(' and ')}, which this process has not${where}`,
    remedy: capabilities.isInitialNamespace
      ? `Run it as root, or grant them: setpriv --inh-caps ${list} --ambient-caps ${list} …, or AmbientCapabilities= of systemd`
      : 'Run it in the initial user namespace, or the container with these capabilities of the host',
  };
}

function lockedDown(what: string): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
    message: `${what}: the kernel is locked down (confidentiality), which takes BPF programs from reading kernel memory`,
    remedy: 'Boot with lockdown=integrity or without; see /sys/kernel/security/lockdown',
  };
}

/** Before 5.11 BPF memory counts against RLIMIT_MEMLOCK, and what exceeds it is EPERM. */
function memoryLimit(what: string): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_RESOURCES',
    message: `${what}, with every capability there: on kernels before 5.11 a BPF map that exceeds RLIMIT_MEMLOCK is refused so`,
    remedy: 'Raise it (ulimit -l unlimited), or take smaller rings; else see sockflow doctor',
  };
}

/** Not for want of a capability. */
function notAllowed(what: string, failure: NativeFailure): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
    message: `${what}, with every capability there: ${failure.message}`,
    remedy:
      'Let this user read what it names; where it may, an LSM or a seccomp filter of the container refuses it',
  };
}

function noRoom(what: string, { room }: KernelErrorContext): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_RESOURCES',
    message: `${what}: the kernel has no room${room === undefined ? '' : ` (${room})`}`,
    remedy:
      'Take fewer lanes or smaller rings (ringBytes), or raise the limit of memory or descriptors',
  };
}

function badObject(failure: NativeFailure): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_ADDON',
    message: `the object of kernel programs cannot be read: ${failure.message}`,
    remedy: 'Install @sockflow/source-bpf-linux-x64 again; in a checkout run npm run build',
  };
}

function badBtf(failure: NativeFailure, btfPath: string): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_BTF',
    message: `'${btfPath}' does not fit the program as the kernel's BTF: ${failure.message}`,
    remedy: 'Give btfPath a file of BTF that was made for this very kernel, or leave it out',
  };
}

function vanished({ cgroup = '' }: KernelErrorContext): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_CGROUP',
    message: `the cgroup ${cgroup} has gone while it was being opened`,
    remedy: 'Name a cgroup that stays, or its parent',
  };
}

function held(what: string): Judgement {
  return {
    code: 'ERR_SOCKFLOW_KERNEL_PERMISSION',
    message: `${what}, with every capability there: a program on this path is attached without BPF_F_ALLOW_MULTI and lets no other beside it`,
    remedy:
      'See who it is with bpftool cgroup tree; have it attach by link or with BPF_F_ALLOW_MULTI',
  };
}

function missingOf(
  { needs = BASE_CAPABILITIES, capabilities }: KernelErrorContext,
  of: readonly CapabilityName[] = needs,
): string[] {
  return (capabilities ?? Capabilities.read()).missing(of);
}

function releaseOf({ kernelRelease = release() }: KernelErrorContext): string {
  return kernelRelease;
}

function isLockedDown(): boolean {
  const path = '/sys/kernel/security/lockdown';
  try {
    return existsSync(path) && readFileSync(path, 'utf8').includes('[confidentiality]');
  } catch {
    return false;
  }
}

/** The verifier's reason stands before its statistics. */
function lastWords(log: string): string {
  const lines = log
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '' && !/^(processed|verification time|stack depth)/.test(line));
  return lines.at(-1)?.trim() ?? 'no reason given';
}

function isNativeFailure(value: unknown): value is NativeFailure {
  return value instanceof Error && 'step' in value && 'errnoName' in value && 'syscall' in value;
}
