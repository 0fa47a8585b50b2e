import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { type SkippableTest, skipTest } from '../needs.ts';
import { findCgroup2 } from './test-cgroup.ts';

/** Bits of CapEff in /proc/self/status: linux/capability.h. */
const CAPABILITY_BITS = {
  NET_ADMIN: 12,
  NET_RAW: 13,
  SYS_ADMIN: 21,
  PERFMON: 38,
  BPF: 39,
} as const;
const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
const PLATFORM_PACKAGE = new URL('../../../source-bpf-linux-x64/', import.meta.url);
const BUILT_FILES = ['sockflow_bpf.node', 'sockflow.bpf.o'];

/** Names in the kernel's BTF that say that it can do something: never its version, since vendors backport. */
const FEATURE_NAMES = {
  /** Taking in connections that are there already, 6.12. */
  'take-in': 'TCP_BPF_SOCK_OPS_CB_FLAGS',
  /** Ops 16 to 20, 6.15. */
  'time-stamps': 'bpf_sock_ops_enable_tx_tstamp',
} as const;

export type KernelCapability = keyof typeof CAPABILITY_BITS;
export type KernelFeature = keyof typeof FEATURE_NAMES;

/** What a test needs of the kernel it runs on. */
export interface KernelNeeds {
  /** Default: BPF, NET_ADMIN, PERFMON, SYS_ADMIN: what loading and network namespaces take. */
  readonly caps?: readonly KernelCapability[];
  /** Default true. */
  readonly btf?: boolean;
  /** Default true. */
  readonly cgroup2?: boolean;
  /** Whether the addon and the BPF object must have been built; default true. */
  readonly addon?: boolean;
  readonly features?: readonly KernelFeature[];
  /** Commands; default: ip, nsenter, ss, nft, tcpdump. */
  readonly tools?: readonly string[];
}

const ALL_CAPS: readonly KernelCapability[] = ['BPF', 'NET_ADMIN', 'PERFMON', 'SYS_ADMIN'];
const TRAFFIC_TOOLS = ['ip', 'nsenter', 'ss', 'nft', 'tcpdump'];

/**
 * States what a test needs of the kernel.
 *
 * @returns whether all of it is there; where it is not, the test is skipped with everything that is missing.
 */
export function requireKernel(test: SkippableTest, needs: KernelNeeds = {}): boolean {
  const missing = missingOf(needs);
  if (missing.length === 0) return true;
  skipTest(test, `needs ${missing.join(', ')}`);
  return false;
}

function missingOf(needs: KernelNeeds): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const { caps = ALL_CAPS, features = [], tools = TRAFFIC_TOOLS } = needs;
  const missing = caps.filter((name) => !hasCapability(name)).map((name) => `CAP_${name}`);
  if (needs.btf !== false && !existsSync(KERNEL_BTF))
    missing.push(`the kernel's BTF in ${KERNEL_BTF}`);
  if (needs.cgroup2 !== false && findCgroup2() === undefined) missing.push('a mounted cgroup2');
  if (needs.addon !== false && !isAddonBuilt())
    missing.push('the addon and the BPF object (npm run build says what it lacks)');
  for (const feature of features) {
    if (!btfNames().includes(`\0${FEATURE_NAMES[feature]}\0`)) {
      missing.push(`${FEATURE_NAMES[feature]} in the kernel`);
    }
  }
  for (const tool of tools) if (!hasCommand(tool)) missing.push(`the command '${tool}'`);
  return missing;
}

function hasCapability(name: KernelCapability): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> BigInt(CAPABILITY_BITS[name])) & 1n) === 1n;
}

function isAddonBuilt(): boolean {
  return BUILT_FILES.every((name) => existsSync(fileURLToPath(new URL(name, PLATFORM_PACKAGE))));
}

let cachedNames: Buffer | undefined;

function btfNames(): Buffer {
  cachedNames ??= existsSync(KERNEL_BTF) ? readFileSync(KERNEL_BTF) : Buffer.alloc(0);
  return cachedNames;
}

/** Each of these commands knows another way to be asked for its version; being started is enough. */
function hasCommand(name: string): boolean {
  return spawnSync(name, ['-V'], { stdio: 'ignore' }).error === undefined;
}
