import { Family, Role, TcpState } from '@sockflow/core';

import { WORD } from '../slot-words.ts';
import { ipv4, ipv4Mapped, ipv6, RUBBISH_IP4 } from './addresses.ts';
import type { Flow } from './flow.ts';
import {
  cbFlagsOf,
  CPUS,
  type Host,
  isOptionWritten,
  type Listener,
  type Process,
} from './host.ts';
import type { Random } from './random.ts';
import { drawRttNs, type RttOptions } from './rtt-distribution.ts';
import { type SocketIdentity, writeRequestImage } from './tcp-end.ts';

/* Who talks with whom: the two ends of a new connection, one or both of them on the observed host. */

/** Round trips between two ends of one host and to other hosts, ns. */
const LOCAL_RTT_NS = [20_000, 400_000] as const;
const REMOTE_RTT_NS = [200_000, 200_000_000] as const;
const ECN_RATIO = 0.3;
const MSS_IP4_BYTES = 1448;
const MSS_IP6_BYTES = 1428;

/** Which ends of a connection this host sees. */
export type Visibility = 'both' | 'client' | 'server';

/** What the flow's profile needs of its ends. */
export interface EndNeeds {
  readonly visibility: Visibility;
  /** Needs a server port where the program asks for headers. */
  readonly needsHeaders: boolean;
  /** Share of connections over IPv6; `undefined`: half of those to listeners that take both. */
  readonly ipv6Ratio: number | undefined;
  readonly rtt: RttOptions | undefined;
}

interface EndPoints {
  readonly family: Family;
  /** Family of the server's socket: AF_INET6 with an AF_INET client where the listener is dual-stack. */
  readonly serverFamily: Family;
  readonly clientIp4: number;
  readonly serverIp4: number;
  readonly clientIp6: readonly number[];
  readonly serverIp6: readonly number[];
}

/** Opens both ends' sockets for a new connection that starts now. */
export function connectEnds(flow: Flow, host: Host, needs: EndNeeds): void {
  const { random } = flow;
  const { ipv6Ratio, rtt } = needs;
  const isIp6 = ipv6Ratio === undefined ? undefined : random.chance(ipv6Ratio);
  const listener = host.pickListener(needs.needsHeaders, isIp6 === true);
  const clientNamespace = host.pickNamespace();
  const isIp4 =
    isIp6 === undefined ? listener.family === Family.AF_INET || random.chance(0.5) : !isIp6;
  const points = pickEndPoints(host, random, listener, clientNamespace, needs.visibility, isIp4);
  const isLocal = needs.visibility === 'both';
  const [shortestNs, longestNs] = isLocal ? LOCAL_RTT_NS : REMOTE_RTT_NS;
  flow.portToRelease = needs.visibility === 'server' ? 0 : host.takePort(clientNamespace);
  const clientPort = flow.portToRelease || host.sharedPort();
  flow.netnsIndex = clientNamespace;
  const rttNs = rtt === undefined ? random.spread(shortestNs, longestNs) : drawRttNs(random, rtt);
  flow.delayNs = Math.floor(rttNs / 2);
  flow.isDelayMean = rtt !== undefined;
  flow.hasEcn = random.chance(ECN_RATIO);
  const clientCpu = random.below(CPUS);
  const serverCpu = isLocal && random.chance(0.5) ? clientCpu : random.below(CPUS);
  const isClientHere = needs.visibility !== 'server';
  const isServerHere = needs.visibility !== 'client';
  const process = host.pickClient(clientNamespace);
  const client = clientIdentity(points, clientPort, listener.port, {
    cookie: isClientHere ? host.takeCookie(clientCpu) : 0,
    netnsCookie: host.namespaces[clientNamespace]!.cookie,
    process,
  });
  const server = serverIdentity(
    points,
    clientPort,
    listener,
    isServerHere ? host.takeCookie(serverCpu) : 0,
  );
  writeRequestImage(flow.requestImage, server);
  flow.client.open(client, TcpState.SYN_SENT, random.u32(), clientCpu);
  flow.server.open(server, TcpState.SYN_RECV, random.u32(), serverCpu);
  flow.client.isObserved = isClientHere;
  flow.server.isObserved = isServerHere;
  flow.client.isIp4 = points.family === Family.AF_INET;
  flow.server.isIp4 = points.serverFamily === Family.AF_INET;
  const seesHeaders = cbFlagsOf(listener.port) === 0x7f;
  for (const end of [flow.client, flow.server]) {
    end.pathMssBytes = points.family === Family.AF_INET ? MSS_IP4_BYTES : MSS_IP6_BYTES;
    end.seesHeaders = seesHeaders;
    end.writesOption = isOptionWritten(listener.port);
    end.timestampBaseMs = random.u32();
    end.image[WORD.txhash] = random.u32() | 1;
  }
}

function pickEndPoints(
  host: Host,
  random: Random,
  listener: Listener,
  clientNamespace: number,
  visibility: Visibility,
  isIp4: boolean,
): EndPoints {
  const here = host.namespaces[clientNamespace]!;
  const clientIp4 = visibility === 'server' ? remoteIp4(random) : here.ip4;
  const serverIp4 = visibility === 'client' ? remoteIp4(random) : listener.namespace.ip4;
  const clientIp6 = visibility === 'server' ? remoteIp6(random) : here.ip6;
  const serverIp6 = visibility === 'client' ? remoteIp6(random) : listener.namespace.ip6;
  return {
    family: isIp4 ? Family.AF_INET : Family.AF_INET6,
    serverFamily: listener.family,
    clientIp4,
    serverIp4,
    clientIp6: isIp4 ? ipv4Mapped(clientIp4) : clientIp6,
    serverIp6: isIp4 ? ipv4Mapped(serverIp4) : serverIp6,
  };
}

/** 198.18.0.0/15, the network for benchmarks (RFC 2544). */
function remoteIp4(random: Random): number {
  return ipv4(198, 18 + random.below(2), random.below(256), 1 + random.below(254));
}

/** 2001:db8::/32, the network for examples (RFC 3849). */
function remoteIp6(random: Random): number[] {
  return ipv6(0x2001, 0x0db8, random.u32());
}

function clientIdentity(
  points: EndPoints,
  localPort: number,
  remotePort: number,
  more: { cookie: number; netnsCookie: number; process: Process },
): SocketIdentity {
  const isIp4 = points.family === Family.AF_INET;
  return {
    cookie: more.cookie,
    netnsCookie: more.netnsCookie,
    cgroupId: more.process.cgroupId,
    family: points.family,
    localIp4: isIp4 ? points.clientIp4 : RUBBISH_IP4,
    remoteIp4: isIp4 ? points.serverIp4 : 0,
    localIp6: points.clientIp6,
    remoteIp6: points.serverIp6,
    localPort,
    remotePort,
    cbFlags: cbFlagsOf(remotePort),
    role: Role.CLIENT,
    ownerPid: more.process.pid,
    ownerComm: more.process.comm,
  };
}

/** The child inherits the listener's owner, cgroup and cb flags. */
function serverIdentity(
  points: EndPoints,
  remotePort: number,
  listener: Listener,
  cookie: number,
): SocketIdentity {
  const isIp4 = points.family === Family.AF_INET;
  return {
    ...listener.identity,
    cookie,
    localIp4: isIp4 ? points.serverIp4 : RUBBISH_IP4,
    remoteIp4: isIp4 ? points.clientIp4 : RUBBISH_IP4,
    localIp6: points.serverIp6,
    remoteIp6: points.clientIp6,
    remotePort,
  };
}
