import { CbFlag, Family, Role } from '@sockflow/core';

import { ipv4, ipv6, UNSPECIFIED_IP6 } from './addresses.ts';
import { EPHEMERAL_PORTS, FIRST_EPHEMERAL_PORT, PortTable } from './port-table.ts';
import type { Random } from './random.ts';
import type { SocketIdentity } from './tcp-end.ts';

/* The generated host: processes, network namespaces, listeners, and what the kernel hands out: cookies, ports. */

export const CPUS = 4;
/** COOKIE_LOCAL_BATCH of include/linux/cookie.h: a CPU takes socket cookies in batches. */
const COOKIE_BATCH = 4096;
/** Cgroups that were asked for have ids from here on: their inode numbers. */
const FIRST_CGROUP_ID = 5000;
/** What a Sockflow program asks for; on ports 7770-7779 it asks for headers too. */
const ORDINARY_CB_FLAGS = CbFlag.RTO | CbFlag.RETRANS | CbFlag.STATE | CbFlag.RTT;
const ALL_CB_FLAGS = 0x7f;

/** How a host differs from the usual one. */
export interface HostOptions {
  /** Weight of each cgroup; `undefined` leaves each process one of its own. */
  readonly cgroupWeights?: readonly number[] | undefined;
  /** Where socket cookies begin: hosts that begin alike have equal ones. */
  readonly firstCookieBatch?: number;
}

/** A process that owns sockets. */
export interface Process {
  readonly pid: number;
  readonly comm: readonly number[];
  readonly cgroupId: number;
}

/** A network namespace of the host. */
export interface Namespace {
  readonly cookie: number;
  readonly ip4: number;
  readonly ip6: readonly number[];
}

/** A listening socket, from before the first connection until after the last. */
export interface Listener {
  readonly port: number;
  readonly family: Family;
  readonly process: Process;
  readonly namespace: Namespace;
  readonly identity: SocketIdentity;
}

type Service = readonly [port: number, family: Family, comm: string];

// oxfmt-ignore
const SERVICES: readonly Service[] = [
  [22, Family.AF_INET, 'sshd'],        [80, Family.AF_INET, 'nginx'],      [443, Family.AF_INET6, 'nginx'],
  [5432, Family.AF_INET, 'postgres'],  [6379, Family.AF_INET, 'redis-server'], [8080, Family.AF_INET6, 'node'],
  [9092, Family.AF_INET6, 'java'],     [50051, Family.AF_INET6, 'envoy'],
  [7771, Family.AF_INET, 'python3'],   [7772, Family.AF_INET6, 'python3'],
];
const CLIENT_COMMS = ['curl', 'node', 'java', 'python3', 'envoy', 'wrk', 'psql', 'ssh'];

/** cb flags that the program sets on a connection to this server port. */
export function cbFlagsOf(serverPort: number): number {
  return serverPort >= 7770 && serverPort <= 7779 ? ALL_CB_FLAGS : ORDINARY_CB_FLAGS;
}

/** Whether some program on the hook reserves room for an option on connections to this port. */
export function isOptionWritten(serverPort: number): boolean {
  return serverPort === 7772;
}

/** Processes that connections are dealt to together. */
export interface HostGroup {
  readonly clients: readonly Process[];
  /** Those on ports where the program asks for headers, and the others. */
  readonly headerListeners: readonly Listener[];
  readonly plainListeners: readonly Listener[];
}

/** One host of a generated recording. */
export class Host {
  readonly namespaces: readonly Namespace[];
  readonly listeners: readonly Listener[];
  readonly #random: Random;
  /** One for each cgroup that was asked for; else one for all. */
  readonly #groups: readonly HostGroup[];
  readonly #cgroupWeights: readonly number[] | undefined;
  readonly #cookies: Float64Array;
  #nextBatch: number;
  readonly #ports: PortTable[];

  constructor(random: Random, options: HostOptions = {}) {
    this.#random = random;
    this.#cookies = new Float64Array(CPUS);
    this.#nextBatch = options.firstCookieBatch ?? random.between(1, 1000);
    this.#cgroupWeights = options.cgroupWeights;
    if (this.#cgroupWeights === undefined) {
      this.namespaces = [0, 1, 2, 3].map((index) => ({
        cookie: index === 0 ? 1 : random.between(2, 20_000),
        ip4: ipv4(10, 203, index, 1 + random.below(200)),
        ip6: ipv6(0xfd03, index, random.u32()),
      }));
      const clients = CLIENT_COMMS.map((comm) => this.#startProcess(comm));
      this.listeners = SERVICES.map((service, index) =>
        this.#startService(service, this.namespaces[index % this.namespaces.length]!),
      );
      this.#groups = [groupOf(clients, this.listeners)];
    } else {
      // As containers are: a cgroup, a network namespace, the services in it.
      this.namespaces = this.#cgroupWeights.map((_, index) => ({
        cookie: index + 1,
        ip4: ipv4(10, 203, index, 1 + random.below(200)),
        ip6: ipv6(0xfd03, index, random.u32()),
      }));
      const groups = this.namespaces.map((namespace, index) => {
        const cgroupId = FIRST_CGROUP_ID + index;
        const clients = CLIENT_COMMS.map((comm) => this.#startProcess(comm, cgroupId));
        const listeners = SERVICES.map((service) =>
          this.#startService(service, namespace, cgroupId),
        );
        return { listeners, ...groupOf(clients, listeners) };
      });
      this.#groups = groups;
      this.listeners = groups.flatMap(({ listeners }) => listeners);
    }
    this.#ports = this.namespaces.map(() => new PortTable());
  }

  /** The namespace that a client is in: one of all, or that of a cgroup, as often as its weight says. */
  pickNamespace(): number {
    const weights = this.#cgroupWeights;
    return weights === undefined
      ? this.#random.below(this.namespaces.length)
      : this.#random.weighted(weights);
  }

  pickClient(namespaceIndex: number): Process {
    const group = this.#cgroupWeights === undefined ? 0 : namespaceIndex;
    const { clients } = this.#groups[group]!;
    return clients[this.#random.below(clients.length)]!;
  }

  /** A listener, on a port where the program asks for headers or another one; `isIp6`: one that takes IPv6. */
  pickListener(needsHeaders: boolean, isIp6: boolean): Listener {
    const weights = this.#cgroupWeights;
    const group = this.#groups[weights === undefined ? 0 : this.#random.weighted(weights)]!;
    const fitting = needsHeaders ? group.headerListeners : group.plainListeners;
    const first = this.#random.below(fitting.length);
    for (let tried = 0; tried < fitting.length; tried++) {
      const listener = fitting[(first + tried) % fitting.length]!;
      if (!isIp6 || listener.family === Family.AF_INET6) {
        return listener;
      }
    }
    return fitting[first]!;
  }

  /** The next socket cookie that this CPU hands out: unique, not ordered over CPUs. */
  takeCookie(cpu: number): number {
    if (this.#cookies[cpu]! % COOKIE_BATCH === 0) {
      this.#cookies[cpu] = this.#nextBatch++ * COOKIE_BATCH;
    }
    const cookie = this.#cookies[cpu]! + 1;
    this.#cookies[cpu] = cookie;
    return cookie;
  }

  /** A free local port of the namespace, to be released; 0 where all are taken. */
  takePort(namespaceIndex: number): number {
    // As connect() does: even ports first, from a random place.
    return this.#ports[namespaceIndex]!.take(this.#random.below(EPHEMERAL_PORTS / 2) * 2);
  }

  /** A port that another socket may have too: of another host, or towards another one. */
  sharedPort(): number {
    return FIRST_EPHEMERAL_PORT + this.#random.below(EPHEMERAL_PORTS);
  }

  releasePort(namespaceIndex: number, port: number): void {
    this.#ports[namespaceIndex]!.release(port);
  }

  #startProcess(comm: string, cgroupId?: number): Process {
    return {
      pid: this.#random.between(300, 4_000_000),
      comm: commWords(comm),
      cgroupId: cgroupId ?? this.#random.between(100, 30_000),
    };
  }

  #startService([port, family, comm]: Service, namespace: Namespace, cgroupId?: number): Listener {
    const process = this.#startProcess(comm, cgroupId);
    const identity = this.#listen(port, family, process, namespace);
    return { port, family, process, namespace, identity };
  }

  #listen(port: number, family: Family, process: Process, namespace: Namespace): SocketIdentity {
    return {
      cookie: this.takeCookie(0),
      netnsCookie: namespace.cookie,
      cgroupId: process.cgroupId,
      family,
      localIp4: 0,
      remoteIp4: 0,
      localIp6: UNSPECIFIED_IP6,
      remoteIp6: UNSPECIFIED_IP6,
      localPort: port,
      remotePort: 0,
      cbFlags: cbFlagsOf(port),
      role: Role.SERVER,
      ownerPid: process.pid,
      ownerComm: process.comm,
    };
  }
}

function groupOf(clients: readonly Process[], listeners: readonly Listener[]): HostGroup {
  const seesHeaders = ({ port }: Listener): boolean => cbFlagsOf(port) === ALL_CB_FLAGS;
  return {
    clients,
    headerListeners: listeners.filter(seesHeaders),
    plainListeners: listeners.filter((listener) => !seesHeaders(listener)),
  };
}

/** A command name as the slot's four words. */
function commWords(comm: string): number[] {
  const bytes = new Uint8Array(16);
  new TextEncoder().encodeInto(comm, bytes);
  return [...new Uint32Array(bytes.buffer)];
}
