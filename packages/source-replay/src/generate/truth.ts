import { Family, formatIp4, formatIp6, Role, TCP_STATE_NAMES, type TcpState } from '@sockflow/core';

import { SHIFT, WORD } from '../slot-words.ts';
import type { ConnectionOutcome, EndRecord } from './end-record.ts';
import type { TcpEnd } from './tcp-end.ts';

/** What happened to one socket of a generated recording: what a pipeline over the recording ought to find. One for each (origin, netns cookie, socket cookie). */
export interface ConnectionTruth {
  readonly originId: string;
  readonly netnsCookie: string;
  readonly cookie: string;
  /** The kind of connection; `listener` for a listening socket. */
  readonly kind: string;
  readonly role: 'CLIENT' | 'SERVER' | 'LISTENER';
  readonly family: 'AF_INET' | 'AF_INET6';
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly cgroupId: string;
  readonly ownerPid: number;
  readonly outcome: ConnectionOutcome;
  /** The state from which the socket closed; `null` where no event of the recording closes it. */
  readonly closedFrom: string | null;
  /** `sk_err` when it closed; 0 without error. */
  readonly errno: number;
  /** Boot time of the first and the last event, ns. */
  readonly startNs: string;
  readonly endNs: string;
  readonly events: number;
  /** Segments sent again, SYN and FIN among them. */
  readonly retransmits: number;
  /** How often the retransmission timer went off. */
  readonly timeouts: number;
  /** RTT samples, without the one of a discarded twin. */
  readonly rttSamples: number;
  /** `null` where there is no sample. */
  readonly rttMinUs: number | null;
  /** The lower one of the two in the middle. */
  readonly rttMedianUs: number | null;
  /** As the kernel counts them: a SYN and a FIN are a byte each. */
  readonly bytesAcked: number;
  readonly bytesReceived: number;
}

const TWO_POW_32 = 4294967296;

/** What happened to this end. */
export function truthOf(
  originId: string,
  kind: string,
  end: TcpEnd,
  record: EndRecord,
): ConnectionTruth {
  const { image } = end;
  const samples = record.rttSamplesUs.toSorted((a, b) => a - b);
  const isIp4 = ((image[WORD.flags]! >>> SHIFT.family) & 15) === Family.AF_INET;
  return {
    originId,
    netnsCookie: longText(image, WORD.netns),
    cookie: longText(image, WORD.cookie),
    kind,
    role: roleOf(end, record),
    family: isIp4 ? 'AF_INET' : 'AF_INET6',
    localAddress: isIp4 ? formatIp4(image[WORD.localIp4]!) : formatFour(image, WORD.localIp6),
    localPort: image[WORD.ports]! >>> SHIFT.localPort,
    remoteAddress: isIp4 ? formatIp4(image[WORD.remoteIp4]!) : formatFour(image, WORD.remoteIp6),
    remotePort: end.remotePort,
    cgroupId: longText(image, WORD.cgroup),
    ownerPid: image[WORD.ownerPid]!,
    outcome: record.outcome,
    closedFrom: TCP_STATE_NAMES[record.closedFrom as TcpState] ?? null,
    errno: record.errno,
    startNs: String(record.startNs),
    endNs: String(record.endNs),
    events: record.events,
    retransmits: record.retransmits,
    timeouts: record.timeouts,
    rttSamples: samples.length,
    rttMinUs: samples[0] ?? null,
    rttMedianUs: samples[(samples.length - 1) >> 1] ?? null,
    bytesAcked: record.bytesAcked,
    bytesReceived: record.bytesReceived,
  };
}

function roleOf(end: TcpEnd, record: EndRecord): 'CLIENT' | 'SERVER' | 'LISTENER' {
  if (record.outcome === 'listening') {
    return 'LISTENER';
  }
  return ((end.image[WORD.flags]! >>> SHIFT.role) & 3) === Role.CLIENT ? 'CLIENT' : 'SERVER';
}

function formatFour(image: Uint32Array, word: number): string {
  return formatIp6(image[word]!, image[word + 1]!, image[word + 2]!, image[word + 3]!);
}

function longText(image: Uint32Array, word: number): string {
  return String(image[word]! + image[word + 1]! * TWO_POW_32);
}
