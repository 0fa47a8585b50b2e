import { dirname } from 'node:path';

import type { AddonMissing, AddonState } from './addon-state.ts';
import type { ObservedCgroup } from './cgroup-checks.ts';
import { type Check, fault, ok } from './check.ts';

/** What our programs are called in the kernel, which cuts names at 15 characters. */
const OWN_NAME = /^sockflow_/;
const MAX_NAMED = 4;

interface Found {
  readonly cgroup: string;
  readonly id: number;
  readonly name: string;
}

/** bpf.other-programs: what else runs on the sockets that are to be observed, from their cgroup up to the root; an event runs all of them. */
export function otherProgramsCheck(
  addon: AddonState | AddonMissing,
  observed: ObservedCgroup | undefined,
): Check[] {
  if ('missing' in addon || observed === undefined) return [];
  const id = 'bpf.other-programs';
  let found: readonly Found[];
  try {
    found = pathToRoot(observed).flatMap((cgroup) =>
      addon.programsOf(cgroup).map((program) => ({ cgroup, ...program })),
    );
  } catch (error) {
    return [fault(id, 'note', `not known: ${reasonOf(error)}`, 'Grant CAP_NET_ADMIN to be told')];
  }
  if (found.length === 0) return [ok(id, 'no sock_ops program on the way to the root')];
  const says = `${namesOf(found)}: each event runs ${found.length === 1 ? 'it' : 'them'} too`;
  const areOurs = found.every(({ name }) => OWN_NAME.test(name));
  return [
    fault(
      id,
      'note',
      says,
      areOurs
        ? 'Nothing: instances of sockflow do not disturb each other'
        : 'Nothing, as a rule. One that overwrites cb flags takes ours off; they are set again, and flagsClobbered counts it',
    ),
  ];
}

function reasonOf(error: unknown): string {
  const errno = error instanceof Error && 'errnoName' in error ? error.errnoName : undefined;
  return typeof errno === 'string' ? `the kernel does not tell (${errno})` : String(error);
}

function pathToRoot({ path, mounts }: ObservedCgroup): string[] {
  const root = mounts.cgroup2
    .filter((mount) => path === mount || path.startsWith(`${mount}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  const paths = [path];
  if (root === undefined) return paths;
  for (let at = path; at !== root; at = dirname(at)) paths.push(dirname(at));
  return paths;
}

function namesOf(found: readonly Found[]): string {
  const named = found
    .slice(0, MAX_NAMED)
    .map(({ id, name, cgroup }) => `${name === '' ? 'a program' : name} (id ${id}) at ${cgroup}`);
  const more = found.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
