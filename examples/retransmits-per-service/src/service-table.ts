import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';

/** An entry of services.json. What it names must match: a port of the list, and an address in one of the networks. */
interface Service {
  readonly service: string;
  readonly ports?: readonly number[];
  readonly networks?: readonly string[];
}

interface Rule {
  readonly service: string;
  readonly ports: ReadonlySet<number> | undefined;
  readonly networks: BlockList | undefined;
}

/** Which service is behind an address and a port. */
export class ServiceTable {
  readonly #rules: readonly Rule[];

  /** @param path - a file of entries; the first that matches names the service */
  constructor(path: string) {
    const entries = JSON.parse(readFileSync(path, 'utf8')) as Service[];
    this.#rules = entries.map(({ service, ports, networks }) => ({
      service,
      ports: ports === undefined ? undefined : new Set(ports),
      networks: networks === undefined ? undefined : blockList(networks),
    }));
  }

  /** `undefined` where no entry matches. */
  find(address: string | undefined, port: number): string | undefined {
    return this.#rules.find(
      ({ ports, networks }) =>
        (ports === undefined || ports.has(port)) &&
        (networks === undefined || (address !== undefined && isIn(networks, address))),
    )?.service;
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = isIPv6(address) ? '128' : '32'] = network.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function isIn(networks: BlockList, address: string): boolean {
  return networks.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
