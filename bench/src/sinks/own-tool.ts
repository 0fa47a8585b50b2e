import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Whether a command of the system is there. */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/**
 * Runs a command of the system, its output to a file where one is named.
 *
 * @param bytes how much it must give at least, as the kernel counts what it wrote: that costs it nothing, also where its output goes to /dev/null
 * @returns how long it took, start of the process included, ns
 */
export function runTool(
  name: string,
  args: readonly string[],
  bytes: number,
  output = '/dev/null',
): number {
  const fd = openSync(output, 'w');
  const writtenBefore = writtenBytes();
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(name, args, { stdio: ['ignore', fd, 'inherit'] });
  const ns = Number(process.hrtime.bigint() - start);
  const written = writtenBytes() - writtenBefore;
  closeSync(fd);
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? status}`);
  if (written < bytes) throw new Error(`${name} ${args.join(' ')}: ${written} bytes of ${bytes}`);
  return ns;
}

/** By this process and by those of its children that have ended (proc(5), /proc/PID/io). */
function writtenBytes(): number {
  const found = /^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'));
  if (found === null) throw new Error('/proc/self/io does not tell what is written');
  return Number(found[1]);
}

/** Copies a file with dd to a fresh one. @returns how long dd says that it took, ns */
export function copyWithDd(from: string, to: string): number {
  const args = [`if=${from}`, `of=${to}`, `bs=${DD_BLOCK}`];
  const { status, stderr } = spawnSync('dd', args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const seconds = /, ([\d.e-]+) s,/.exec(stderr)?.[1];
  if (status !== 0 || seconds === undefined) throw new Error(`dd: ${stderr}`);
  return Number(seconds) * 1e9;
}

/** As the blocks of a recording. */
export const DD_BLOCK = '512K';
