import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { NativeBinding } from '../native/binding-types.ts';
import type { Cgroup } from './find-cgroup.ts';

/** What is asked of the machine; tests give their own. */
export interface OtherProgramsMachine {
  readonly sockOpsPrograms: NativeBinding['sockOpsPrograms'];
  /** Names of the cgroups right below one; throws as fs does. */
  childrenOf(path: string): readonly string[];
}

/** The real one. */
export function machineOf(binding: Pick<NativeBinding, 'sockOpsPrograms'>): OtherProgramsMachine {
  return {
    sockOpsPrograms: (path) => binding.sockOpsPrograms(path),
    childrenOf: (path) =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name),
  };
}

/**
 * The sock_ops programs that run for sockets of a cgroup: attached to it, above it or below it. Once ours is detached, they are those of others.
 *
 * @returns each as `name (id 12)`; cgroups that go away meanwhile have none
 */
export function otherPrograms(cgroup: Cgroup, machine: OtherProgramsMachine): readonly string[] {
  const found = new Map<number, string>();
  for (const path of [...pathUp(cgroup), ...pathsBelow(cgroup.path, machine)]) {
    for (const { id, name } of programsOf(path, machine)) {
      found.set(id, `${name === '' ? 'a program' : name} (id ${id})`);
    }
  }
  return [...found.values()];
}

/** The cgroup and those above it, up to the mount. */
function pathUp({ path, below }: Cgroup): string[] {
  const paths = [path];
  const depth = below.split('/').filter((name) => name !== '').length;
  for (let level = 0; level < depth; level++) paths.push(dirname(paths.at(-1) ?? path));
  return paths;
}

function pathsBelow(path: string, machine: OtherProgramsMachine): string[] {
  let names: readonly string[];
  try {
    names = machine.childrenOf(path);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const child = join(path, name);
    return [child, ...pathsBelow(child, machine)];
  });
}

function programsOf(
  path: string,
  machine: OtherProgramsMachine,
): ReturnType<NativeBinding['sockOpsPrograms']> {
  try {
    return machine.sockOpsPrograms(path);
  } catch {
    return [];
  }
}
