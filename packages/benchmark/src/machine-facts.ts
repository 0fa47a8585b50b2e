import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

import type { Machine } from './bench-document.ts';

const CPU_FOLDER = '/sys/devices/system/cpu';
const CACHE_FOLDER = join(CPU_FOLDER, 'cpu0/cache');
const CGROUP_FOLDER = '/sys/fs/cgroup';

/** What is measured on. @param toolchains versions of the compilers and runtimes of the peers, by name */
export function machineFacts(toolchains: Readonly<Record<string, string>> = {}): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    caches: cachesIn(CACHE_FOLDER),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    isVirtual: isVirtual(),
    governor: textOf(join(CPU_FOLDER, 'cpu0/cpufreq/scaling_governor')),
    isBoosted: isBoostedIn(CPU_FOLDER),
    quotaCores: quotaCoresOf(textOf('/proc/self/cgroup') ?? '', CGROUP_FOLDER),
    toolchains,
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** As intel_pstate tells it, or acpi-cpufreq and amd-pstate (Documentation/admin-guide/pm of the kernel); `undefined` where neither is there. */
export function isBoostedIn(folder: string): boolean | undefined {
  const noTurbo = textOf(join(folder, 'intel_pstate/no_turbo'));
  if (noTurbo !== undefined) return noTurbo === '0';
  const boost = textOf(join(folder, 'cpufreq/boost'));
  return boost === undefined ? undefined : boost === '1';
}

/**
 * The least of the quotas (`cpu.max` of cgroup v2: microseconds of each period, or `max`) of a cgroup and of those above it, as far as they are to be seen.
 *
 * @param text of `/proc/PID/cgroup`
 */
export function quotaCoresOf(text: string, root: string): number | undefined {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  if (path === undefined) return undefined;
  const names = path.split('/').filter((name) => name !== '');
  let least = Infinity;
  for (let depth = names.length; depth >= 0; depth--) {
    const words = textOf(join(root, ...names.slice(0, depth), 'cpu.max'))?.split(' ') ?? [];
    const [quotaUs = NaN, periodUs = NaN] = words.map(Number);
    if (quotaUs / periodUs < least) least = quotaUs / periodUs;
  }
  return least === Infinity ? undefined : least;
}

/** The caches of the first core as the kernel tells them (Documentation/ABI/testing/sysfs-devices-system-cpu): level, type, size such as `32K`. */
export function cachesIn(folder: string): string[] {
  const caches: string[] = [];
  for (const name of namesIn(folder)) {
    const of = (fact: string): string | undefined => textOf(join(folder, name, fact));
    const size = /^(\d+)K$/.exec(of('size') ?? '');
    if (size === null) continue;
    const kib = Number(size[1]);
    const letter = { Data: 'd', Instruction: 'i' }[of('type') ?? ''] ?? '';
    caches.push(`L${of('level')}${letter} ${kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`}`);
  }
  return caches;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('index'))
      .toSorted();
  } catch {
    return [];
  }
}

/** By the flag that hypervisors set for their guests; `undefined` where it cannot be told. */
function isVirtual(): boolean | undefined {
  const flags = /^flags\s*:(.*)$/m.exec(textOf('/proc/cpuinfo') ?? '')?.[1];
  return flags?.split(' ').includes('hypervisor');
}
