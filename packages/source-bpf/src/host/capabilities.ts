import { readFileSync, readlinkSync } from 'node:fs';

/** Mirrors CAP_* of include/uapi/linux/capability.h. */
export const Capability = {
  NET_ADMIN: 12,
  SYS_PTRACE: 19,
  SYS_ADMIN: 21,
  PERFMON: 38, // 5.8
  BPF: 39, // 5.8
} as const;
/** A capability that the source may need. */
export type Capability = (typeof Capability)[keyof typeof Capability];
/** Its name without CAP_. */
export type CapabilityName = keyof typeof Capability;

/* All of them by their bits, in the order of the header. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** Since 5.8 CAP_SYS_ADMIN stands for these two as well: bpf_capable() and perfmon_capable() in include/linux/capability.h. */
const OF_SYS_ADMIN: ReadonlySet<CapabilityName> = new Set(['BPF', 'PERFMON']);

/** Inode of the initial user namespace: PROC_USER_INIT_INO of include/linux/proc_ns.h. Its map of ids tells nothing: that of another may be the same. */
export const INITIAL_USER_NAMESPACE = 'user:[4026531837]';

/** Which capabilities the process has, as the kernel sees it. */
export class Capabilities {
  readonly #effective: bigint;
  /** False in a user namespace of its own: what capabilities it has count for nothing where the kernel's own namespace is asked. */
  readonly isInitialNamespace: boolean;

  constructor(effective: bigint, isInitialNamespace: boolean) {
    this.#effective = effective;
    this.isInitialNamespace = isInitialNamespace;
  }

  /** Those of this process. */
  static read(): Capabilities {
    const status = readText('/proc/self/status');
    const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return new Capabilities(BigInt(`0x${digits}`), isInitial('/proc/self/ns/user'));
  }

  has(name: CapabilityName): boolean {
    if (!this.isInitialNamespace) return false;
    const holds = (capability: number): boolean =>
      (this.#effective & (1n << BigInt(capability))) !== 0n;
    return holds(Capability[name]) || (OF_SYS_ADMIN.has(name) && holds(Capability.SYS_ADMIN));
  }

  /** Which of these bits are not in effect here, as CAP_…: what another process has more. */
  lacking(bits: bigint): string[] {
    return NAMES.flatMap((name, bit) => {
      const mask = 1n << BigInt(bit);
      return (bits & mask) !== 0n && (this.#effective & mask) === 0n ? [`CAP_${name}`] : [];
    });
  }

  /** Those of `names` that are not there, as CAP_…, in their order. */
  missing(names: readonly CapabilityName[]): string[] {
    return names.filter((name) => !this.has(name)).map((name) => `CAP_${name}`);
  }
}

/** Where nobody says, too. */
function isInitial(namespacePath: string): boolean {
  try {
    return readlinkSync(namespacePath) === INITIAL_USER_NAMESPACE;
  } catch {
    return true;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
