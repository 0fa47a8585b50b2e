import { map, type Observable } from 'rxjs';
import {
  type Batch,
  CbFlag,
  filterAddress,
  filterConnection,
  filterFlags,
  filterOp,
  filterPort,
  filterState,
  filterTime,
  Op,
  TcpFlag,
  TcpState,
  where,
} from 'sockflow';

/** Filters as plain data, which crosses threads: an event passes all that are there. */
export interface FilterCase {
  readonly ops?: readonly (keyof typeof Op)[];
  readonly cbFlagsAny?: readonly (keyof typeof CbFlag)[];
  readonly tcpFlagsAny?: readonly (keyof typeof TcpFlag)[];
  readonly tcpFlagsNone?: readonly (keyof typeof TcpFlag)[];
  readonly state?: keyof typeof TcpState;
  readonly ports?: readonly number[];
  readonly portEnd?: 'either' | 'local' | 'remote';
  /** `10.203.0.0/16` or `fd03::/16`: networks that text can tell. */
  readonly network?: keyof typeof NETWORKS;
  readonly time?: { readonly startNs: bigint; readonly endNs: bigint };
  readonly connection?: { readonly cookie: bigint; readonly netnsCookie: bigint };
  /** A function of the user's own, which no source can know. */
  readonly oddCpu?: boolean;
}

/** How the filters stand to each other: side by side, with a plain operator before or between them. */
export type Joining = 'fused' | 'unfused' | 'plain first';

/** Networks with the text that an address of theirs begins with. */
const NETWORKS = { '10.203.0.0/16': '10.203.', 'fd03::/16': 'fd03:' } as const;

type Step = (batches: Observable<Batch>) => Observable<Batch>;

function bits<K extends string>(values: Readonly<Record<K, number>>, names: readonly K[]): number {
  return names.reduce((sum, name) => sum | values[name], 0);
}

function steps(filters: FilterCase): Step[] {
  const { ops, cbFlagsAny, tcpFlagsAny, tcpFlagsNone, state, ports, portEnd, network } = filters;
  const { time, connection, oddCpu } = filters;
  const list: Step[] = [];
  if (ops !== undefined) list.push((batches) => batches.pipe(filterOp(...ops.map((op) => Op[op]))));
  if (cbFlagsAny !== undefined) list.push(filterFlags({ cb: { any: bits(CbFlag, cbFlagsAny) } }));
  if (tcpFlagsAny !== undefined) {
    list.push(filterFlags({ tcp: { any: bits(TcpFlag, tcpFlagsAny) } }));
  }
  if (tcpFlagsNone !== undefined) {
    list.push(filterFlags({ tcp: { none: bits(TcpFlag, tcpFlagsNone) } }));
  }
  if (state !== undefined) list.push(filterState(TcpState[state]));
  if (ports !== undefined) list.push(filterPort(ports, { end: portEnd ?? 'either' }));
  if (network !== undefined) list.push(filterAddress(network));
  if (time !== undefined) list.push(filterTime(time));
  if (connection !== undefined) list.push(filterConnection(connection));
  if (oddCpu === true) list.push(where((event) => (event.cpu ?? 0) % 2 === 1));
  return list;
}

/** The batches with what passes the filters. */
export function applyCase(
  batches: Observable<Batch>,
  filters: FilterCase,
  joining: Joining,
): Observable<Batch> {
  const plain: Step = (source) => source.pipe(map((batch) => batch));
  const start = joining === 'plain first' ? plain(batches) : batches;
  return steps(filters).reduce(
    (source, step) => (joining === 'unfused' ? plain(step(source)) : step(source)),
    start,
  );
}

/** An event as its NDJSON line has it. */
export type EventLine = Readonly<Record<string, unknown>>;

/** Whether an event passes, decided on its decoded line by nothing of the product's. */
export function passes(filters: FilterCase, event: EventLine): boolean {
  const { ops, cbFlagsAny, tcpFlagsAny, tcpFlagsNone, state, ports, network, time } = filters;
  const end = filters.portEnd ?? 'either';
  const eventPorts = new Set([
    ...(end === 'remote' ? [] : [event['localPort']]),
    ...(end === 'local' ? [] : [event['remotePort']]),
  ]);
  const tsNs = BigInt(String(event['tsNs']));
  return (
    (ops === undefined || ops.some((op) => op === event['op'])) &&
    (cbFlagsAny === undefined || hasAny(event['cbFlags'], cbFlagsAny) === true) &&
    (tcpFlagsAny === undefined || hasAny(event['tcpFlags'], tcpFlagsAny) === true) &&
    (tcpFlagsNone === undefined || hasAny(event['tcpFlags'], tcpFlagsNone) === false) &&
    (state === undefined || event['state'] === state) &&
    (ports === undefined || ports.some((port) => eventPorts.has(port))) &&
    (network === undefined || isIn(network, event)) &&
    (time === undefined || (tsNs >= time.startNs && tsNs < time.endNs)) &&
    (filters.connection === undefined ||
      (BigInt(String(event['cookie'])) === filters.connection.cookie &&
        BigInt(String(event['netnsCookie'])) === filters.connection.netnsCookie)) &&
    (filters.oddCpu !== true || Number(event['cpu']) % 2 === 1)
  );
}

/** @returns `undefined` where the event carries no such flags: then it passes neither way. */
function hasAny(text: unknown, names: readonly string[]): boolean | undefined {
  if (typeof text !== 'string') return undefined;
  const there = text.split('|');
  return names.some((name) => there.includes(name));
}

function isIn(network: keyof typeof NETWORKS, event: EventLine): boolean {
  return [event['localAddress'], event['remoteAddress']].some((address) =>
    String(address).replace('::ffff:', '').startsWith(NETWORKS[network]),
  );
}
