import type { Directive } from './unit-file.ts';
import { isYes } from './unit-policy.ts';

/* The file system that systemd gives to a unit, as commands of the shell in a mount namespace of its own. Places: what the test puts there is below /mnt, which is in memory. */

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const TUNABLES = ['/proc/sys', '/proc/irq', '/proc/fs', '/proc/acpi', '/proc/sysrq-trigger'];

/** Remounts what is mounted at a path and below as read-only: each by itself, since a bind mount has its own flag. */
function readOnly(condition: string): string {
  const list = `awk '${condition} {print $5}' /proc/self/mountinfo | sort -r`;
  return `for m in $(${list}); do mount -o remount,bind,ro "$m" 2>/dev/null || [ ! -e "$m" ]; done`;
}

function hidden(...paths: readonly string[]): string {
  return paths
    .map((path) => `if [ -d ${path} ]; then mount -t tmpfs -o mode=0,ro none ${path}; fi`)
    .join('\n');
}

type Mounting = (value: string) => readonly string[];

const yes =
  (...commands: readonly string[]): Mounting =>
  (value) => {
    if (!isYes(value)) throw new Error(`expected yes, found ${value}`);
    return commands;
  };

/** By directive, in the order in which they are done: what is read-only comes last. */
const MOUNTS: ReadonlyMap<string, Mounting> = new Map<string, Mounting>([
  ['ProtectProc', (value) => [`mount -t proc -o hidepid=${value},nosuid,nodev,noexec proc /proc`]],
  ['ProtectHome', yes(hidden('/home', '/root', '/run/user'))],
  ['PrivateTmp', yes(...['/tmp', '/var/tmp'].map((path) => `mount -t tmpfs none ${path}`))],
  [
    'PrivateDevices',
    yes(
      'mkdir /mnt/dev && mount -t tmpfs -o mode=755 none /mnt/dev && mkdir /mnt/dev/shm',
      `for d in ${DEVICES.join(' ')}; do touch /mnt/dev/$d; mount --bind /dev/$d /mnt/dev/$d; done`,
      'mount --rbind /mnt/dev /dev',
    ),
  ],
  ['ProtectKernelModules', yes(hidden('/usr/lib/modules'))],
  ['ProtectKernelLogs', yes('if [ -e /proc/kmsg ]; then mount --bind /dev/null /proc/kmsg; fi')],
  [
    'ProtectKernelTunables',
    yes(
      `for p in ${TUNABLES.join(' ')}; do if [ -e $p ]; then mount --bind $p $p && mount -o remount,bind,ro $p; fi; done`,
      readOnly('$5 ~ "^/sys(/|$)"'),
    ),
  ],
  ['ProtectControlGroups', yes(readOnly('$5 ~ "^/sys/fs/cgroup(/|$)"'))],
  [
    'ProtectSystem',
    (value) => {
      if (value !== 'strict') throw new Error(`expected strict, found ${value}`);
      return [readOnly('$5 !~ "^/(dev|proc|sys)(/|$)"')];
    },
  ],
]);

/** Directives that change what is mounted. */
export const MOUNT_DIRECTIVES: readonly string[] = [...MOUNTS.keys()];

/** The commands for a unit. */
export function mountCommands(unit: readonly Directive[]): string[] {
  return [...MOUNTS].flatMap(([name, commands]) => {
    const found = unit.findLast((one) => one.name === name);
    return found === undefined ? [] : commands(found.value);
  });
}
