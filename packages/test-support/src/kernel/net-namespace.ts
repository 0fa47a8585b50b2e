import { command } from './command.ts';
import { parseSs, type SsSocket } from './parse-ss.ts';

const LINK = 'veth0';

/** One of the two joined network namespaces. Rules and routes are of this namespace alone. */
export class NetNamespace {
  readonly name: string;
  /** What `setns` takes. */
  readonly path: string;
  readonly link: string;
  readonly ip4: string;
  readonly ip6: string;
  #hasRules: boolean;

  constructor(name: string, ip4: string, ip6: string) {
    this.name = name;
    this.path = `/run/netns/${name}`;
    this.link = LINK;
    this.ip4 = ip4;
    this.ip6 = ip6;
    this.#hasRules = false;
  }

  /** A command line that runs inside. Not by `ip netns exec`, which mounts a /sys of its own, without cgroups. */
  inside(name: string, ...args: readonly string[]): [string, ...string[]] {
    return ['nsenter', `--net=${this.path}`, name, ...args];
  }

  /** Runs a command inside. */
  run(name: string, ...args: readonly string[]): string {
    return command(...this.inside(name, ...args));
  }

  /** TCP sockets as the kernel tells them over netlink: a witness. `filter` is one of ss: `sport = :80`. */
  sockets(filter = ''): SsSocket[] {
    const filters = filter === '' ? [] : [filter];
    return parseSs(this.run('ss', '-tainHOe', ...filters));
  }

  /** Adds an nft rule for what comes in; `match` and `verdict` as nft has them. */
  addRule(match: string, verdict: string): void {
    if (!this.#hasRules) {
      this.run('nft', 'add table inet test');
      this.run(
        'nft',
        'add chain inet test in { type filter hook input priority 0; policy accept; }',
      );
      this.#hasRules = true;
    }
    this.run('nft', `add rule inet test in ${match} ${verdict}`);
  }

  /** Loses what comes in and matches, all of it. */
  drop(match: string): void {
    this.addRule(match, 'drop');
  }

  /** Loses a share of it by chance. */
  dropRandomly(match: string, ratio: number): void {
    this.addRule(match, `numgen random mod 1000 < ${Math.round(ratio * 1000)} drop`);
  }

  /** Loses one in `count`, the same ones each time. */
  dropOneIn(match: string, count: number): void {
    this.addRule(match, `numgen inc mod ${count} == ${count - 1} drop`);
  }

  /** Answers it with RST. */
  rejectWithReset(match: string): void {
    this.addRule(`meta l4proto tcp ${match}`, 'reject with tcp reset');
  }

  clearRules(): void {
    if (this.#hasRules) this.run('nft', 'delete table inet test');
    this.#hasRules = false;
  }

  setLink(state: 'up' | 'down'): void {
    this.run('ip', 'link', 'set', LINK, state);
    // Its addresses of IPv6 go with it.
    if (state === 'up') this.run('ip', 'addr', 'replace', `${this.ip6}/64`, 'dev', LINK, 'nodad');
  }

  /** An address on the way out where nobody answers, not even with an error: its neighbour is made up. */
  addSilentNeighbour(ip: string): void {
    this.run(
      'ip',
      'neigh',
      'replace',
      ip,
      'lladdr',
      '02:00:00:00:00:99',
      'dev',
      LINK,
      'nud',
      'permanent',
    );
  }

  /** Sends nothing there any more: the sender is told that there is no route. */
  addBlackholeRoute(network: string): void {
    this.run('ip', 'route', 'replace', 'blackhole', network);
  }

  removeBlackholeRoute(network: string): void {
    this.run('ip', 'route', 'del', 'blackhole', network);
  }
}
