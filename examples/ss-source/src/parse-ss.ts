import { type ContextEvent, TcpState } from 'sockflow';

type SnapshotContext = Omit<Extract<ContextEvent, { kind: 'SNAPSHOT' }>, 'kind'>;

const STATES: Readonly<Record<string, number>> = {
  ESTAB: TcpState.ESTABLISHED,
  'SYN-SENT': TcpState.SYN_SENT,
  'SYN-RECV': TcpState.SYN_RECV,
  'FIN-WAIT-1': TcpState.FIN_WAIT1,
  'FIN-WAIT-2': TcpState.FIN_WAIT2,
  'TIME-WAIT': TcpState.TIME_WAIT,
  'CLOSE-WAIT': TcpState.CLOSE_WAIT,
  'LAST-ACK': TcpState.LAST_ACK,
  CLOSING: TcpState.CLOSING,
};
/** Fields that ss leaves out where they are 0. */
const COUNTS = {
  packets_out: 'unacked',
  lost_out: 'lost',
  sacked_out: 'sacked',
  segs_in: 'segs_in',
  segs_out: 'segs_out',
  data_segs_in: 'data_segs_in',
  data_segs_out: 'data_segs_out',
  bytes_acked: 'bytes_acked',
  bytes_received: 'bytes_received',
} as const;

/** A line of `ss -tineOH` as a snapshot of time `tsNs`; `undefined` for a line that is no connection. What ss does not show is not there, and stays absent. */
export function parseSs(line: string, tsNs: bigint): ContextEvent | undefined {
  const [stateName = '', , , local = '', remote = '', ...rest] = line.split(/\s+/);
  const state = STATES[stateName];
  const cookie = /\bsk:([0-9a-f]+)/.exec(line)?.[1];
  if (state === undefined || cookie === undefined) return undefined;
  const shown = new Map(rest.map((text) => text.split(':', 2) as [string, string]));
  const near = endpoint(local);
  const far = endpoint(remote);
  const isFullsock = shown.has('cwnd'); // others are request and time-wait sockets, FIN-WAIT-2 among them
  return {
    kind: 'SNAPSHOT',
    ts_boot_ns: tsNs,
    cookie: BigInt(`0x${cookie}`),
    state,
    is_fullsock: isFullsock ? 1 : 0,
    family: near.words.length === 1 ? 2 : 10,
    ...(near.words.length === 1
      ? { local_ip4: near.words[0], remote_ip4: far.words[0] }
      : { local_ip6: near.words, remote_ip6: far.words }),
    local_port: near.port,
    remote_port: (((far.port & 255) << 8) | (far.port >>> 8)) * 65536,
    ...(isFullsock ? metrics(shown) : {}),
  };
}

function metrics(shown: ReadonlyMap<string, string>): Partial<SnapshotContext> {
  const number = (name: string): number | undefined =>
    shown.has(name) ? Number(shown.get(name)) : undefined;
  const us = (name: string): number | undefined =>
    shown.has(name) ? Math.round(Number.parseFloat(shown.get(name) ?? '') * 1000) : undefined;
  const srttUs = us('rtt');
  const [retransOut = 0, totalRetrans = 0] = (shown.get('retrans') ?? '').split('/').map(Number);
  return {
    ...Object.fromEntries(Object.entries(COUNTS).map(([key, name]) => [key, number(name) ?? 0])),
    snd_cwnd: number('cwnd'),
    snd_ssthresh: number('ssthresh'),
    mss_cache: number('mss'),
    srtt_us: srttUs === undefined ? undefined : srttUs * 8,
    rtt_min: us('minrtt'),
    retrans_out: retransOut,
    total_retrans: totalRetrans,
  };
}

/** Address and port: the address as words in network byte order, one for IPv4, four for IPv6. */
function endpoint(text: string): { words: number[]; port: number } {
  const [, address = '', port = '0'] = /^\[?([^\]%]*?)(?:%[^\]:]*)?\]?:(\d+)$/.exec(text) ?? [];
  const bytes = address.includes(':') ? ip6Bytes(address) : address.split('.').map(Number);
  const words = Array.from({ length: bytes.length / 4 }, (_, word) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(word * 4);
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  });
  return { words, port: Number(port) };
}

function ip6Bytes(address: string): number[] {
  // A URL has them in one form: hexadecimal throughout, without the dotted end.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part = ''): number[] =>
    part === '' ? [] : part.split(':').map((hex) => Number.parseInt(hex, 16));
  const [left, right] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >>> 8, group & 255]);
}
