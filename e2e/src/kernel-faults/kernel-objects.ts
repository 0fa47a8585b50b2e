import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

import { command, until } from '@sockflow/test-support';

/** Ids of BPF objects, as the kernel numbers them: never given again while it runs. */
export interface KernelObjects {
  readonly programs: ReadonlySet<number>;
  readonly maps: ReadonlySet<number>;
  readonly links: ReadonlySet<number>;
}

interface IdRow {
  readonly id: number;
  readonly map_ids?: readonly number[];
}

interface AttachedProgram {
  readonly id: number;
  readonly name?: string;
}

const NAME_START = 'sockflow_';

/** What a process holds by its descriptors, and the maps that its programs use. */
export function objectsOf(pid: number): KernelObjects {
  const programs = new Set<number>();
  const maps = new Set<number>();
  const links = new Set<number>();
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = fdInfo(pid, fd);
    const link = numberAfter(text, 'link_id');
    const program = numberAfter(text, 'prog_id');
    const map = numberAfter(text, 'map_id');
    if (link !== undefined) links.add(link);
    if (program !== undefined) programs.add(program);
    if (map !== undefined) maps.add(map);
  }
  for (const { id, map_ids: used = [] } of shown('prog')) {
    if (programs.has(id)) for (const map of used) maps.add(map);
  }
  return { programs, maps, links };
}

/** A descriptor may be gone before it is read. */
function fdInfo(pid: number, fd: string): string {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
  } catch {
    return '';
  }
}

function numberAfter(text: string, key: string): number | undefined {
  const value = new RegExp(`^${key}:\\s*(\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

function shown(what: 'prog' | 'map' | 'link'): readonly IdRow[] {
  return JSON.parse(command('bpftool', '-j', what, 'show')) as IdRow[];
}

/** Programs of ours that are attached to a cgroup itself. */
export function attachedTo(cgroupPath: string): readonly number[] {
  const programs = JSON.parse(
    command('bpftool', '-j', 'cgroup', 'show', cgroupPath).trim() || '[]',
  ) as AttachedProgram[];
  return programs.filter(({ name = '' }) => name.startsWith(NAME_START)).map(({ id }) => id);
}

/** Waits until `count` programs of ours are attached to it: from then on its events are seen. */
export async function untilAttached(cgroupPath: string, count = 1): Promise<void> {
  await until(
    `${count} programs attached to ${cgroupPath}`,
    () => attachedTo(cgroupPath).length === count,
    60_000,
  );
}

/**
 * Waits until none of the objects exists any more: the kernel frees them a grace period after their last user.
 *
 * `collect` is called in between: the pages of a ring stay mapped until the SharedArrayBuffers over them are collected as garbage.
 */
export async function assertGone(
  objects: KernelObjects,
  collect: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  assert.ok(objects.programs.size > 0 && objects.maps.size > 0, 'there were objects to look for');
  const isGone = async (): Promise<boolean> => {
    await collect();
    return leftOf(objects) === '';
  };
  await until('BPF objects to be gone', isGone, 20_000).catch(() =>
    assert.fail(`left in the kernel: ${leftOf(objects)}`),
  );
}

function leftOf({ programs, maps, links }: KernelObjects): string {
  const left = [...leftIn('prog', programs), ...leftIn('map', maps), ...leftIn('link', links)];
  return left.join(', ');
}

function leftIn(what: 'prog' | 'map' | 'link', ids: ReadonlySet<number>): string[] {
  return shown(what)
    .filter(({ id }) => ids.has(id))
    .map(({ id }) => `${what} ${id}`);
}
