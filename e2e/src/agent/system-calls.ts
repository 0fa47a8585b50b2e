import { spawnSync } from 'node:child_process';

/** What `systemd-analyze syscall-filter` says of a set, by its name: system calls, and other sets. */
function membersOf(set: string): string[] {
  const { status, stdout, stderr } = spawnSync(
    'systemd-analyze',
    ['--no-pager', 'syscall-filter', set],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`systemd-analyze syscall-filter ${set}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function expand(name: string): string[] {
  return name.startsWith('@') ? membersOf(name).flatMap(expand) : [name];
}

/** The system calls that the lines of SystemCallFilter= allow: the first is a list of what may be called, each other adds to it, or takes away (`~`). */
export function allowedCalls(filters: readonly string[]): ReadonlySet<string> {
  const [first = '~'] = filters;
  if (first.startsWith('~')) throw new Error(`no list of what may be called: ${first}`);
  // These are always permitted.
  const allowed = new Set(expand('@default'));
  for (const filter of filters) {
    const isDenied = filter.startsWith('~');
    for (const name of filter.replace(/^~/, '').split(/\s+/)) {
      for (const call of expand(name)) {
        if (isDenied) allowed.delete(call);
        else allowed.add(call);
      }
    }
  }
  return allowed;
}
