/** A TCP socket as `ss -tainHOe` tells it: values of struct tcp_info, times in us. */
export interface SsSocket {
  readonly state: string;
  readonly receiveQueueBytes: number;
  readonly sendQueueBytes: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly inode: number;
  /** The socket cookie: `sk:` in hexadecimal. */
  readonly cookie: bigint;
  readonly cgroup: string | undefined;
  /** Fields of the form `name:number`, by name: cwnd, mss, bytes_acked, segs_out … 0 and what is not there look the same to ss. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly rttUs: number | undefined;
  readonly rttVarUs: number | undefined;
  readonly minRttUs: number | undefined;
  readonly rtoUs: number | undefined;
  /** Of `retrans:outstanding/total`. */
  readonly retransOut: number;
  readonly totalRetrans: number;
  /** Options that were agreed on: ts, sack, ecn … */
  readonly words: ReadonlySet<string>;
  readonly text: string;
}

/** Parses the output of `ss -tainHOe`: one line a socket. */
export function parseSs(output: string): SsSocket[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseLine);
}

function parseLine(text: string): SsSocket {
  const [state = '', received = '', sent = '', local = '', remote = '', ...rest] = text
    .trim()
    .split(/\s+/);
  const numbers: Record<string, number> = {};
  const texts: Record<string, string> = {};
  for (const word of rest) {
    const colon = word.indexOf(':');
    if (colon < 0) continue;
    const [name, value] = [word.slice(0, colon), word.slice(colon + 1)];
    texts[name] = value;
    if (/^\d+$/.test(value)) numbers[name] = Number(value);
  }
  const [rtt, rttVar] = (texts['rtt'] ?? '').split('/');
  const [retransOut = '0', totalRetrans = '0'] = (texts['retrans'] ?? '').split('/');
  const [localAddress, localPort] = parseEnd(local);
  const [remoteAddress, remotePort] = parseEnd(remote);
  return {
    state,
    receiveQueueBytes: Number(received),
    sendQueueBytes: Number(sent),
    localAddress,
    localPort,
    remoteAddress,
    remotePort,
    inode: numbers['ino'] ?? 0,
    cookie: BigInt(`0x${texts['sk'] ?? '0'}`),
    cgroup: texts['cgroup'],
    numbers,
    rttUs: microseconds(rtt),
    rttVarUs: microseconds(rttVar),
    minRttUs: microseconds(texts['minrtt']),
    rtoUs: microseconds(texts['rto']),
    retransOut: Number(retransOut),
    totalRetrans: Number(totalRetrans),
    words: new Set(rest.filter((word) => /^[a-z_]+$/.test(word))),
    text,
  };
}

function parseEnd(end: string): [address: string, port: number] {
  const colon = end.lastIndexOf(':');
  const address = end
    .slice(0, colon)
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
  return [address, Number(end.slice(colon + 1)) || 0];
}

/** ss prints ms with up to three digits after the point. */
function microseconds(ms: string | undefined): number | undefined {
  return ms === undefined || ms === '' ? undefined : Math.round(Number(ms) * 1000);
}
