import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Ids of what a process holds of the kernel's BPF objects, by its descriptors. */
export interface KernelObjects {
  readonly map: readonly number[];
  readonly prog: readonly number[];
  readonly link: readonly number[];
}

type KindOfObject = keyof KernelObjects;

const KINDS: readonly KindOfObject[] = ['map', 'prog', 'link'];
const GONE_TRIES = 500;

/** Descriptors of this process, and what of the kernel's stands behind them. */
export function heldObjects(): KernelObjects {
  const held = { map: new Set<number>(), prog: new Set<number>(), link: new Set<number>() };
  for (const fd of readdirSync('/proc/self/fd')) {
    const info = readOr(() => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    for (const kind of KINDS) {
      // A link's descriptor names its program as well: held by it.
      const id = new RegExp(`^${kind}_id:\\s*(\\d+)`, 'm').exec(info)?.[1];
      if (id !== undefined) held[kind].add(Number(id));
    }
  }
  return { map: [...held.map], prog: [...held.prog], link: [...held.link] };
}

/** How many mappings of BPF maps this process has. */
export function bpfMappings(): number {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('bpf-map')).length;
}

/** How many descriptors of BPF objects this process has: those of a poll included. */
export function bpfDescriptors(): number {
  return readdirSync('/proc/self/fd').filter((fd) =>
    readOr(() => readlinkSync(`/proc/self/fd/${fd}`)).startsWith('anon_inode:bpf'),
  ).length;
}

/** Waits until the kernel knows none of them: maps are freed a moment after their last user is gone. */
export async function untilGone(objects: KernelObjects): Promise<void> {
  for (let tries = 0; ; tries++) {
    const left = KINDS.flatMap((kind) =>
      idsInKernel(kind)
        .filter((id) => objects[kind].includes(id))
        .map((id) => `${kind} ${id}`),
    );
    if (left.length === 0) return;
    if (tries === GONE_TRIES) throw new Error(`still in the kernel: ${left.join(', ')}`);
    await sleep(20);
  }
}

/** Waits until `isSo`, with the garbage collected before each look: memory is unmapped by the collector's own threads. */
export async function untilCollected(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    collect();
    if (isSo()) return;
    await sleep(20);
  }
  throw new Error(
    `not collected within 4 s: ${bpfMappings()} mappings, ${bpfDescriptors()} descriptors`,
  );
}

/** Collects the garbage a few times, with turns of the event loop in between. */
export async function collectOften(): Promise<void> {
  for (let times = 0; times < 5; times++) {
    collect();
    await sleep(5);
  }
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function idsInKernel(kind: KindOfObject): number[] {
  const { stdout, status, stderr } = spawnSync('bpftool', ['-j', kind, 'show'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`bpftool ${kind} show: ${stderr}`);
  return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
