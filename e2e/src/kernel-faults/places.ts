import { chownSync } from 'node:fs';

/** A capability as setpriv names it. */
export type Capability = 'bpf' | 'net_admin' | 'perfmon' | 'sys_admin' | 'sys_ptrace';

const NOBODY = 65534;

/** Runs as another user, with these capabilities and no others. */
export function asNobody(capabilities: readonly Capability[]): readonly string[] {
  const only = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const ids = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  return [
    'setpriv',
    ...ids,
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    `--bounding-set=${only}`,
  ];
}

/** Lets that user write into a folder. */
export function giveToNobody(dir: string): void {
  chownSync(dir, NOBODY, NOBODY);
}

/** Runs in a mount namespace of its own, after these commands of the shell changed it. */
export function afterMounting(...commands: readonly string[]): readonly string[] {
  const script = [...commands, 'exec "$@"'].join(' && ');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
}
