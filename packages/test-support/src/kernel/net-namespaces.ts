import { type AsyncCleanableTest, atEnd } from './at-end.ts';
import { command, tryCommand } from './command.ts';
import { NetNamespace } from './net-namespace.ts';
import { isAlive, sleepBlocking } from './processes.ts';

const NAME_PREFIX = 'sft-';
const END_TRIES = 200;
const END_WAIT_MS = 10;

let nextNumber = 0;

/** Two network namespaces joined by a veth pair, with an IPv4 and an IPv6 address each. The machine's own namespace is never touched: the pair is made inside. */
export class NetNamespaces {
  readonly a: NetNamespace;
  readonly b: NetNamespace;

  private constructor(a: NetNamespace, b: NetNamespace) {
    this.a = a;
    this.b = b;
  }

  /** Makes a pair that is removed at the end of the test, with whatever runs in it still; first removes those of test processes that died. */
  static use(test: AsyncCleanableTest): NetNamespaces {
    removeLeftOvers();
    const name = `${NAME_PREFIX}${process.pid}-${nextNumber++}`;
    const a = new NetNamespace(`${name}a`, '10.203.0.1', 'fd03::1');
    const b = new NetNamespace(`${name}b`, '10.203.0.2', 'fd03::2');
    atEnd(test, () => {
      for (const { name: one } of [a, b]) removeNamespace(one);
    });
    for (const { name: one } of [a, b]) command('ip', 'netns', 'add', one);
    a.run('ip', 'link', 'add', a.link, 'type', 'veth', 'peer', 'name', b.link, 'netns', b.name);
    for (const one of [a, b]) {
      one.run('ip', 'link', 'set', 'lo', 'up');
      one.run('ip', 'link', 'set', one.link, 'up');
      one.run('ip', 'addr', 'add', `${one.ip4}/24`, 'dev', one.link);
      // Without duplicate detection the address can be used at once.
      one.run('ip', 'addr', 'add', `${one.ip6}/64`, 'dev', one.link, 'nodad');
    }
    return new NetNamespaces(a, b);
  }
}

function removeLeftOvers(): void {
  for (const line of command('ip', 'netns', 'list').split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const pid = new RegExp(`^${NAME_PREFIX}(\\d+)-\\d+[ab]$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeNamespace(name);
  }
}

function removeNamespace(name: string): void {
  // What still runs inside keeps it alive without a name: only a test's own processes are there.
  for (let tries = 0; tries < END_TRIES; tries++) {
    const pids = (tryCommand('ip', 'netns', 'pids', name) ?? '').split('\n').filter(Boolean);
    if (pids.length === 0) break;
    for (const pid of pids) endProcess(Number(pid));
    sleepBlocking(END_WAIT_MS);
  }
  tryCommand('ip', 'netns', 'del', name);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
