import { CbFlag, Family, Role } from '@sockflow/core';

import { ipv4, ipv6, UNSPECIFIED_IP6 } from './addresses.ts';
import type { Random } from './random.ts';
import type { SocketIdentity } from './tcp-end.ts';

/* The generated host: processes, network namespaces, listeners, and what the kernel hands out: cookies, ports. */

export const CPUS = 4;
/** COOKIE_LOCAL_BATCH of include/linux/cookie.h: a CPU takes socket cookies in batches. */
const COOKIE_BATCH = 4096;
/** net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL_PORT = 32768;
const EPHEMERAL_PORTS = 60999 - FIRST_EPHEMERAL_PORT + 1;
/** What a Sockflow program asks for; on ports 7770-7779 it asks for headers too. */
const ORDINARY_CB_FLAGS = CbFlag.RTO | CbFlag.RETRANS | CbFlag.STATE | CbFlag.RTT;
const ALL_CB_FLAGS = 0x7f;

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

// oxfmt-ignore
const SERVICES: readonly (readonly [port: number, family: Family, comm: string])[] = [
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

/** The one host of a generated recording. */
export class Host {
  readonly namespaces: readonly Namespace[];
  readonly clients: readonly Process[];
  readonly listeners: readonly Listener[];
  /** Those on ports where the program asks for headers, and the others. */
  readonly headerListeners: readonly Listener[];
  readonly plainListeners: readonly Listener[];
  readonly #random: Random;
  readonly #cookies: Float64Array;
  #nextBatch: number;
  readonly #ports: Uint8Array[];

  constructor(random: Random) {
    this.#random = random;
    this.#cookies = new Float64Array(CPUS);
    this.#nextBatch = random.between(1, 1000);
    this.namespaces = [0, 1, 2, 3].map((index) => ({
      cookie: index === 0 ? 1 : random.between(2, 20_000),
      ip4: ipv4(10, 203, index, 1 + random.below(200)),
      ip6: ipv6(0xfd03, index, random.u32()),
    }));
    this.#ports = this.namespaces.map(() => new Uint8Array(EPHEMERAL_PORTS));
    this.clients = CLIENT_COMMS.map((comm) => this.#startProcess(comm));
    this.listeners = SERVICES.map(([port, family, comm], index) => {
      const process = this.#startProcess(comm);
      const namespace = this.namespaces[index % this.namespaces.length]!;
      return {
        port,
        family,
        process,
        namespace,
        identity: this.#listen(port, family, process, namespace),
      };
    });
    const seesHeaders = ({ port }: Listener): boolean => cbFlagsOf(port) === ALL_CB_FLAGS;
    this.headerListeners = this.listeners.filter(seesHeaders);
    this.plainListeners = this.listeners.filter((listener) => !seesHeaders(listener));
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
    const taken = this.#ports[namespaceIndex]!;
    // As connect() does: even ports first, from a random place.
    let index = this.#random.below(EPHEMERAL_PORTS / 2) * 2;
    for (let tried = 0; tried < EPHEMERAL_PORTS; tried++) {
      if (taken[index] === 0) {
        taken[index] = 1;
        return FIRST_EPHEMERAL_PORT + index;
      }
      index = (index + (tried === EPHEMERAL_PORTS / 2 ? 3 : 2)) % EPHEMERAL_PORTS;
    }
    return 0;
  }

  /** A port that another socket may have too: of another host, or towards another one. */
  sharedPort(): number {
    return FIRST_EPHEMERAL_PORT + this.#random.below(EPHEMERAL_PORTS);
  }

  releasePort(namespaceIndex: number, port: number): void {
    this.#ports[namespaceIndex]![port - FIRST_EPHEMERAL_PORT] = 0;
  }

  #startProcess(comm: string): Process {
    return {
      pid: this.#random.between(300, 4_000_000),
      comm: commWords(comm),
      cgroupId: this.#random.between(100, 30_000),
    };
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

/** A command name as the slot's four words. */
function commWords(comm: string): number[] {
  const bytes = new Uint8Array(16);
  new TextEncoder().encodeInto(comm, bytes);
  return [...new Uint32Array(bytes.buffer)];
}
