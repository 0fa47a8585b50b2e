import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { WORKSPACE } from '../workspace.ts';
import { allowedCalls } from './system-calls.ts';
import { type Directive, valueOf, valuesOf } from './unit-file.ts';

const SOURCE = join(WORKSPACE, 'e2e/src/agent/native/launch.c');
const LOCKS = {
  LOCK_NAMESPACES: 'RestrictNamespaces',
  LOCK_REALTIME: 'RestrictRealtime',
  LOCK_SUID: 'RestrictSUIDSGID',
  LOCK_PERSONALITY: 'LockPersonality',
  LOCK_EXEC: 'MemoryDenyWriteExecute',
} as const;

/** Compiles what starts a command under the unit's seccomp filter. @returns its path */
export function buildLauncher(dir: string, unit: readonly Directive[]): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'policy.h'), policyText(unit));
  const launcher = join(dir, 'launch');
  const { status, stderr } = spawnSync(
    'gcc',
    ['-O1', '-Wall', '-Werror', `-I${dir}`, '-o', launcher, SOURCE],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`gcc: ${stderr}`);
  return launcher;
}

function policyText(unit: readonly Directive[]): string {
  const calls = [...allowedCalls(valuesOf(unit, 'SystemCallFilter'))].toSorted();
  // systemd knows calls of all machines; those of this one have a number.
  const allowed = calls.map((name) => `#ifdef __NR_${name}\n\t__NR_${name},\n#endif\n`).join('');
  const families = valueOf(unit, 'RestrictAddressFamilies').split(/\s+/);
  const locks = Object.entries(LOCKS).map(
    ([lock, name]) => `#define ${lock} ${isYes(valuesOf(unit, name).at(-1)) ? 1 : 0}\n`,
  );
  return `static const long ALLOWED[] = {
${allowed}};
static const int FAMILIES[] = { ${families.join(', ')} };
#define REFUSED_ERRNO ${valueOf(unit, 'SystemCallErrorNumber')}
${locks.join('')}`;
}

/** What systemd takes for true. */
export function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(1|yes|true|on)$/i.test(value);
}
