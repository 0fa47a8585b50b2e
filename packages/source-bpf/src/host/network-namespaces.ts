import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { type HiddenProcess, hiddenProcess } from './hidden-processes.ts';
import { parseMountInfo } from './mount-info.ts';

/** What is asked of the machine; tests give their own. */
export interface NamespaceFiles {
  /** Process ids, as /proc lists them. */
  processIds(): readonly string[];
  /** What a /proc/PID/ns/net points to: `net:[4026531840]`. Throws as fs does. */
  namespaceOf(path: string): string;
  mountInfo(): string;
  /** The text of a /proc/PID/cgroup. Throws as fs does. */
  cgroupsOf(processId: string): string;
  /** The text of a /proc/PID/status. Throws as fs does. */
  statusOf(processId: string): string;
}

/** The real ones. */
export const MACHINE_NAMESPACES: NamespaceFiles = {
  processIds: () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)),
  namespaceOf: (path) => readlinkSync(path),
  mountInfo: () => readFileSync('/proc/self/mountinfo', 'utf8'),
  cgroupsOf: (processId) => readFileSync(`/proc/${processId}/cgroup`, 'utf8'),
  statusOf: (processId) => readFileSync(`/proc/${processId}/status`, 'utf8'),
};

/** A network namespace and a file that leads into it. */
export interface NetworkNamespace {
  readonly inode: string;
  readonly path: string;
}

/** The network namespaces that can be reached, without that of this process. */
export interface FoundNamespaces {
  readonly others: readonly NetworkNamespace[];
  /** Processes of the cgroup whose namespace this process may not see. */
  readonly hidden: readonly HiddenProcess[];
}

/**
 * Looks for the network namespaces of all processes, and those that are kept by a mount alone (`ip netns add`): sockets live in both.
 *
 * `cgroup` is the path of the observed one below its mount: a process outside of it that cannot be seen is no loss. A path through /proc/PID leads nowhere once the process has ended: whoever opens it must take that for "gone".
 */
export function findNetworkNamespaces(
  cgroup: string,
  files: NamespaceFiles = MACHINE_NAMESPACES,
): FoundNamespaces {
  const own = namespaceInode(files.namespaceOf('/proc/self/ns/net'));
  const byInode = new Map<string, NetworkNamespace>();
  const hidden: HiddenProcess[] = [];
  const add = (inode: string | undefined, path: string): void => {
    if (inode === undefined || inode === own || byInode.has(inode)) return;
    byInode.set(inode, { inode, path });
  };
  // Mounts first: their path stays.
  for (const { root, path, type } of mountsOf(files)) {
    if (type === 'nsfs') add(namespaceInode(root), path);
  }
  for (const id of files.processIds()) {
    const path = `/proc/${id}/ns/net`;
    try {
      add(namespaceInode(files.namespaceOf(path)), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isRefused = code === 'EACCES' || code === 'EPERM';
      if (isRefused && isInCgroup(id, cgroup, files))
        hidden.push(hiddenProcess(id, statusOf(id, files)));
    }
  }
  return { others: [...byInode.values()], hidden };
}

function statusOf(processId: string, files: NamespaceFiles): string {
  try {
    return files.statusOf(processId);
  } catch {
    return '';
  }
}

/** By its line of cgroup2, `0::/path`. */
function isInCgroup(processId: string, cgroup: string, files: NamespaceFiles): boolean {
  try {
    const path = /^0::(.*)$/m.exec(files.cgroupsOf(processId))?.[1] ?? '/';
    return cgroup === '/' || path === cgroup || path.startsWith(`${cgroup}/`);
  } catch {
    return false;
  }
}

function namespaceInode(text: string): string | undefined {
  return /^net:\[(\d+)\]$/.exec(text)?.[1];
}

function mountsOf(files: NamespaceFiles): ReturnType<typeof parseMountInfo> {
  try {
    return parseMountInfo(files.mountInfo());
  } catch {
    return [];
  }
}
