import { Capabilities } from '../host/capabilities.ts';
import { hiddenText, neededToSee } from '../host/hidden-processes.ts';
import { effectiveCapabilities } from './capability-checks.ts';
import type { ObservedCgroup } from './cgroup-checks.ts';
import { type Check, fault, ok } from './check.ts';
import type { Machine } from './machine.ts';

const ID = 'process.namespaces';

/** Whether the network namespaces of all processes of the cgroup can be seen: what exists in one that cannot is not taken in. */
export function hiddenProcessesCheck(
  machine: Machine,
  observed: ObservedCgroup | undefined,
): Check[] {
  if (observed === undefined) return [];
  const { path, mounts } = observed;
  const mount = mounts.cgroup2.find((one) => path === one || path.startsWith(`${one}/`)) ?? '';
  const hidden = machine.hiddenProcesses(path.slice(mount.length) || '/');
  if (hidden.length === 0) return [ok(ID, 'those of all processes in the cgroup can be seen')];
  // Where it is another user namespace, process.user-namespace says so.
  const capabilities = new Capabilities(effectiveCapabilities(machine) ?? 0n, true);
  const needed = neededToSee(hidden, capabilities);
  return [
    fault(
      ID,
      'note',
      `${hiddenText(hidden, capabilities)}; connections that are there already are not taken in from it`,
      needed.length === 0
        ? "Look for what refuses it, an LSM say; or take existing: 'own-netns'"
        : `Grant ${needed.join(' and ')}; or take existing: 'own-netns'`,
    ),
  ];
}
