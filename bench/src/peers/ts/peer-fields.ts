/**
 * What every peer is given of an event, under the names of our views: all numeric values that `everyField` reads, and addresses, command name and TCP header. Each encoding holds them
 * the way its users would: u64 that fit are numbers where a format has no integers, flags and ops are numbers and not names, which is kinder to text than what our own files hold.
 */
export const ALWAYS_FIELDS = {
  kind: 'u8',
  op: 'u8',
  state: 'u8',
  family: 'u8',
  isFullsock: 'boolean',
  hasSkb: 'boolean',
  tsUs: 'f64',
  cookie: 'u64',
  localPort: 'u16',
  remotePort: 'u16',
  laneKey: 'u32',
} as const;

/** What an event may lack; then it has no such key. */
export const OPTIONAL_FIELDS = {
  netnsCookie: 'u64',
  localAddress: 'text',
  remoteAddress: 'text',
  cpu: 'u16',
  role: 'u8',
  ownerPid: 'u32',
  ownerComm: 'text',
  cgroupId: 'u64',
  skErr: 'u16',
  arg0: 'u32',
  arg1: 'u32',
  arg2: 'u32',
  arg3: 'u32',
  cbFlags: 'u8',
  tcpFlags: 'u16',
  ecnFlags: 'u8',
  bytesReceived: 'u64',
  bytesAcked: 'u64',
  sndCwnd: 'u32',
  srttUs: 'u32',
  rttMinUs: 'u32',
  sndSsthresh: 'u32',
  rcvNxt: 'u32',
  sndNxt: 'u32',
  sndUna: 'u32',
  mssCache: 'u32',
  rateDelivered: 'u32',
  rateIntervalUs: 'u32',
  packetsOut: 'u32',
  retransOut: 'u32',
  totalRetrans: 'u32',
  segsIn: 'u32',
  dataSegsIn: 'u32',
  segsOut: 'u32',
  dataSegsOut: 'u32',
  lostOut: 'u32',
  sackedOut: 'u32',
  skTxhash: 'u32',
  skbLen: 'u32',
  tcpHeader: 'bytes',
} as const;

export const PEER_FIELDS = { ...ALWAYS_FIELDS, ...OPTIONAL_FIELDS } as const;
export type PeerFieldType = (typeof PEER_FIELDS)[keyof typeof PEER_FIELDS];

interface Values {
  readonly u8: number;
  readonly u16: number;
  readonly u32: number;
  /** Made as numbers; a bigint where a format gives one back. */
  readonly u64: number | bigint;
  readonly f64: number;
  readonly boolean: boolean;
  readonly text: string;
  /** In hexadecimal where a format is text. */
  readonly bytes: Uint8Array | string;
}

/** An event as a plain object. */
export type PeerEvent = {
  readonly [N in keyof typeof ALWAYS_FIELDS]: Values[(typeof ALWAYS_FIELDS)[N]];
} & {
  readonly [N in keyof typeof OPTIONAL_FIELDS]?: Values[(typeof OPTIONAL_FIELDS)[N]] | undefined;
};
