import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

import type { Machine } from './bench-document.ts';

const CACHE_FOLDER = '/sys/devices/system/cpu/cpu0/cache';

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
