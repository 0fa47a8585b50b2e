import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';
import { type Directive, valueOf, valuesOf } from './unit-file.ts';
import { MOUNT_DIRECTIVES, mountCommands } from './unit-mounts.ts';
import { buildLauncher, isYes } from './unit-policy.ts';

/*
 * What systemd does for a service, without systemd: mounts, user, capabilities, seccomp and environment are made from the unit, so that the command runs as it would and a change of the
 * unit that breaks it is found. What is here does not cover is refused, not left out.
 */

const NOBODY = 65534;
const PREFIX = '/opt/sockflow';

/** They tell the service manager what to do, and change nothing for the process. */
const OF_THE_MANAGER = [
  ['Unit', /./],
  ['Install', /./],
  ['Service', /^(Type|Kill\w+|Timeout\w+|SuccessExitStatus|Restart\w*|RemoveIPC)$/],
] as const;

/** They are carried out below, or by the launcher. */
const COVERED: ReadonlySet<string> = new Set([
  ...MOUNT_DIRECTIVES,
  'ExecStart',
  'Environment',
  'EnvironmentFile',
  'DynamicUser',
  'StateDirectory',
  'StateDirectoryMode',
  'UMask',
  'CapabilityBoundingSet',
  'AmbientCapabilities',
  'NoNewPrivileges',
  // Before Linux 5.11 only; to raise it takes CAP_SYS_RESOURCE, which root of a container has not.
  'LimitMEMLOCK',
  'PrivateMounts',
  'ProtectHostname',
  // Which calls of clocks there are, the filter of system calls says.
  'ProtectClock',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'RestrictRealtime',
  'RestrictSUIDSGID',
  'LockPersonality',
  'MemoryDenyWriteExecute',
  'SystemCallArchitectures',
  'SystemCallFilter',
  'SystemCallErrorNumber',
]);

/** Where the sandbox lies, to be removed by the test. */
export interface SandboxPlace {
  /** Readable by everybody, below no home. */
  readonly dir: string;
  /** What is /var/lib/sockflow inside; survives the command. */
  readonly stateDir: string;
}

/** What the test puts into it. */
export interface SandboxContents {
  /** /etc/sockflow/agent.yaml. */
  readonly config: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The command inside, in the place of the unit's own arguments. */
  readonly args?: readonly string[];
}

export function sandboxPlace(): SandboxPlace {
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-unit-'));
  const stateDir = join(dir, 'state');
  mkdirSync(stateDir, { mode: 0o700 });
  chownSync(stateDir, NOBODY, NOBODY);
  chmodSync(dir, 0o755);
  return { dir, stateDir };
}

/** The command line that runs the unit's command as the unit would. It keeps its process id. */
export function unitCommand(
  unit: readonly Directive[],
  { dir, stateDir }: SandboxPlace,
  contents: SandboxContents,
): [string, ...string[]] {
  refuseUncovered(unit);
  copyFileSync(buildLauncher(join(dir, 'launcher'), unit), join(dir, 'launch'));
  writeFileSync(join(dir, 'agent.yaml'), contents.config);
  const state = `/var/lib/${valueOf(unit, 'StateDirectory')}`;
  const [bin = '', ...own] = valueOf(unit, 'ExecStart').split(/\s+/);
  const lines = [
    'set -e',
    ...placeCommands(bin, dir, stateDir, state),
    ...mountCommands(unit),
    // What is writable is so again.
    `mount -o remount,bind,rw ${state}`,
    `umask ${valueOf(unit, 'UMask')}`,
    'cd /',
    'exec "$@"',
  ];
  const uts = isYes(valueOf(unit, 'ProtectHostname')) ? ['--uts'] : [];
  const namespaces = ['--mount', ...uts, '--propagation', 'private'];
  const environment = environmentOf(unit, state, contents.environment ?? {});
  const script = ['sh', '-c', lines.join('\n'), 'sh'];
  const start = ['env', '-i', ...environment, 'setpriv', ...privileges(unit), '/mnt/launch'];
  return ['unshare', ...namespaces, ...script, ...start, bin, ...(contents.args ?? own)];
}

function refuseUncovered(unit: readonly Directive[]): void {
  const uncovered = unit.filter(
    ({ section, name }) =>
      !COVERED.has(name) &&
      !OF_THE_MANAGER.some(([where, names]) => where === section && names.test(name)),
  );
  if (uncovered.length === 0) return;
  const names = uncovered.map(({ name }) => name).join(', ');
  throw new Error(`the sandbox of the tests does nothing for ${names}: teach it, or leave it out`);
}

/** As after `npm install --prefix /opt/sockflow sockflow`: the command lies in the prefix. */
function placeCommands(bin: string, dir: string, stateDir: string, state: string): string[] {
  if (!bin.startsWith(`${PREFIX}/`)) throw new Error(`${bin} is not below ${PREFIX}`);
  return [
    'mount -t tmpfs -o mode=755 none /mnt',
    'mkdir /mnt/workspace /mnt/state /mnt/etc',
    `mount --bind ${WORKSPACE} /mnt/workspace`,
    `mount --bind ${stateDir} /mnt/state`,
    `touch /mnt/node && mount --bind ${process.execPath} /mnt/node`,
    `cp ${dir}/launch /mnt/launch && chmod 755 /mnt/launch`,
    'cp -a /etc/. /mnt/etc/ && mkdir -p /mnt/etc/sockflow',
    `cp ${dir}/agent.yaml /mnt/etc/sockflow/ && chmod 644 /mnt/etc/sockflow/agent.yaml`,
    'mount --bind /mnt/etc /etc',
    `mount -t tmpfs -o mode=755 none /var/lib && mkdir ${state} && mount --bind /mnt/state ${state}`,
    `mount -t tmpfs -o mode=755 none /opt && mkdir -p ${bin.slice(0, bin.lastIndexOf('/'))}`,
    `ln -s /mnt/workspace/packages/cli/bin/sockflow.js ${bin}`,
  ];
}

function environmentOf(
  unit: readonly Directive[],
  state: string,
  more: Readonly<Record<string, string>>,
): string[] {
  const own = valuesOf(unit, 'Environment').flatMap((value) => value.split(/\s+/));
  const given = Object.entries(more).map(([name, value]) => `${name}=${value}`);
  return ['PATH=/mnt:/usr/bin:/bin', `STATE_DIRECTORY=${state}`, ...own, ...given];
}

function privileges(unit: readonly Directive[]): string[] {
  if (!isYes(valueOf(unit, 'DynamicUser'))) throw new Error('a user of its own is expected');
  if (!isYes(valueOf(unit, 'NoNewPrivileges'))) throw new Error('NoNewPrivileges is expected');
  const bounding = capabilities(valueOf(unit, 'CapabilityBoundingSet'));
  const ambient = capabilities(valueOf(unit, 'AmbientCapabilities'));
  return [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--no-new-privs',
    `--bounding-set=${bounding}`,
    `--inh-caps=${ambient}`,
    `--ambient-caps=${ambient}`,
  ];
}

/** As setpriv names them: `-all,+bpf,+net_admin`. */
function capabilities(names: string): string {
  const own = names.split(/\s+/).filter(Boolean);
  return ['-all', ...own.map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`)].join(',');
}
