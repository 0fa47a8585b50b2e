import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AsyncCleanableTest, atEnd, command, type TestCgroup } from '@sockflow/test-support';

import { WORKSPACE } from '../workspace.ts';

const SOURCES = join(WORKSPACE, 'e2e/src/kernel');

/** What `bpftool cgroup show` says of a program on a cgroup. */
interface AttachedProgram {
  readonly id: number;
  readonly attach_type: string;
  readonly name: string;
}

/** The sock_ops programs on a cgroup, as the kernel tells them. */
export function sockOpsPrograms(cgroupPath: string): AttachedProgram[] {
  const text = command('bpftool', '-j', 'cgroup', 'show', cgroupPath);
  const all = text.trim() === '' ? [] : (JSON.parse(text) as AttachedProgram[]);
  return all.filter(({ attach_type: type }) => /sock_?ops/.test(type));
}

const compiled = new Map<string, string>();

/** Compiles `NAME.bpf.c` of this folder, once in a process. @returns the object's path */
function compile(name: string): string {
  const there = compiled.get(name);
  if (there !== undefined) return there;
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-test-'));
  // Other tests of this process may want it: it goes with the process.
  atEnd({ after: () => {} }, () => rmSync(dir, { recursive: true, force: true }));
  const object = join(dir, `${name}.bpf.o`);
  const source = join(SOURCES, `${name}.bpf.c`);
  const include = `-I/usr/include/${command('uname', '-m').trim()}-linux-gnu`;
  command('clang', '-O2', '-g', '-target', 'bpf', include, '-c', source, '-o', object);
  compiled.set(name, object);
  return object;
}

/** A sock_ops program that is not ours, beside ours on the hook. */
export class SockOpsProgram {
  readonly id: number;
  readonly #cgroupPath: string;

  private constructor(id: number, cgroupPath: string) {
    this.id = id;
    this.#cgroupPath = cgroupPath;
  }

  /** Attaches the program of `NAME.bpf.c` beside others. It goes with the test's cgroup. */
  static attach(test: AsyncCleanableTest, name: string, cgroup: TestCgroup): SockOpsProgram {
    const object = compile(name);
    const before = new Set(sockOpsPrograms(cgroup.path).map(({ id }) => id));
    // bpftool wants it pinned: in a bpffs that ends with the shell, in a mount namespace of its own.
    const pin = mkdtempSync(join(tmpdir(), 'sockflow-test-'));
    atEnd(test, () => rmSync(pin, { recursive: true, force: true }));
    const steps = `mount -t bpf bpf "$1" && bpftool prog load "$2" "$1/program" type sockops && bpftool cgroup attach "$3" sock_ops pinned "$1/program" multi`;
    command('unshare', '--mount', 'sh', '-ec', steps, 'sh', pin, object, cgroup.path);
    const added = sockOpsPrograms(cgroup.path).find(({ id }) => !before.has(id));
    if (added === undefined) throw new Error(`${name} is not on ${cgroup.path}`);
    return new SockOpsProgram(added.id, cgroup.path);
  }

  /** Values of its array map, index = key. */
  counts(): number[] {
    const shown = command('bpftool', '-j', 'prog', 'show', 'id', String(this.id));
    const [map] = (JSON.parse(shown) as { map_ids: number[] }).map_ids;
    if (map === undefined) throw new Error('the program has no map');
    const entries = JSON.parse(command('bpftool', '-j', 'map', 'dump', 'id', String(map))) as {
      formatted: { key: number; value: number };
    }[];
    return entries.map(({ formatted }) => formatted.value);
  }

  detach(): void {
    command('bpftool', 'cgroup', 'detach', this.#cgroupPath, 'sock_ops', 'id', String(this.id));
  }
}
