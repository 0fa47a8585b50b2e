import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  readFileSync,
  readlinkSync,
  realpathSync,
  statfsSync,
} from 'node:fs';
import { release } from 'node:os';

import type { HiddenProcess } from '../host/hidden-processes.ts';
import { findNetworkNamespaces } from '../host/network-namespaces.ts';

/** What doctor may see of a machine; nothing here throws, and nothing is changed. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly kernelRelease: string;
  readonly nodeVersion: string;
  /** `undefined` where it cannot be read. */
  read(path: string): Buffer | undefined;
  /** Where a symbolic link leads. */
  link(path: string): string | undefined;
  /** The path without symbolic links, or as it is where that cannot be told. */
  realPath(path: string): string;
  /** @returns the errno's name where the path cannot be used so. */
  refusal(path: string, use: 'read' | 'write'): string | undefined;
  freeBytes(folder: string): number | undefined;
  /** Processes of a cgroup, given below its mount, whose namespaces cannot be seen. */
  hiddenProcesses(cgroup: string): readonly HiddenProcess[];
  /** The first line of `program --version`; `undefined` where there is no such program. */
  versionOf(program: string): string | undefined;
}

const VERSION_TIMEOUT_MS = 5000;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    kernelRelease: release(),
    nodeVersion: process.versions.node,
    read: (path) => attempt(() => readFileSync(path)),
    link: (path) => attempt(() => readlinkSync(path)),
    realPath: (path) => attempt(() => realpathSync(path)) ?? path,
    refusal,
    freeBytes: (folder) =>
      attempt(() => {
        const { bavail, bsize } = statfsSync(folder);
        return bavail * bsize;
      }),
    hiddenProcesses: (cgroup) => attempt(() => findNetworkNamespaces(cgroup).hidden) ?? [],
    versionOf,
  };
}

function refusal(path: string, use: 'read' | 'write'): string | undefined {
  try {
    accessSync(path, use === 'read' ? constants.R_OK : constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EACCES';
  }
}

function versionOf(program: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    timeout: VERSION_TIMEOUT_MS,
  });
  if (error !== undefined) return undefined;
  return `${stdout}${stderr}`.trim().split('\n', 1)[0] ?? '';
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
