import { CbFlag, LAST_KNOWN_OP, Op } from '@sockflow/core';

/** How RTT samples are reported. */
export type RttMode = 'folded' | 'raw' | 'off';

/** What the kernel is asked for. */
export interface AskedOps {
  /** The ops that are reported; `undefined`: whatever this kernel knows, ops of later kernels included. */
  readonly reportedOps: readonly number[] | undefined;
  /** Bit per op, RTT_CB only where samples are raw; bit 63: every op above 62. */
  readonly opsMask: bigint;
  /** CbFlag bits to request on each socket. */
  readonly cbFlags: number;
  readonly rtt: RttMode;
  /** NEEDS_ECN of full sockets is not reported: it tells nothing, whereas that of a request socket is a SYN-ACK sent. */
  readonly isEcnOnRequestOnly: boolean;
  /** Ops 16-20, which a socket option and opting in each sendmsg ask for: asked where the kernel knows them, or named and so needed. */
  readonly timestamps: 'no' | 'where-known' | 'needed';
}

/** What {@link askedOps} goes by: the options that ask, checked. */
export interface Asking {
  readonly ops: readonly number[] | 'all' | undefined;
  readonly cbFlags: number;
  readonly rtt: RttMode | undefined;
}

/** What is reported where no ops are named: the life of every connection and its losses. */
export const DEFAULT_OPS: readonly number[] = [
  Op.TCP_CONNECT_CB,
  Op.ACTIVE_ESTABLISHED_CB,
  Op.PASSIVE_ESTABLISHED_CB,
  Op.NEEDS_ECN,
  Op.RTO_CB,
  Op.RETRANS_CB,
  Op.STATE_CB,
  Op.TCP_LISTEN_CB,
];

/** Bit of the masks for every op above 62. Mirrors SOCKFLOW_OP_UNKNOWN_BIT of bpf/sockflow_source.h. */
export const OP_UNKNOWN_BIT = 63;
/** The largest op with a bit of its own in the masks. */
export const LARGEST_OP_BIT: number = OP_UNKNOWN_BIT - 1;

const FIRST_TIMESTAMP_OP = Op.TSTAMP_SCHED_CB;
const ALL_OPS_MASK = (1n << 64n) - 1n;
const ALL_PARSE_FLAGS = CbFlag.PARSE_ALL_HDR_OPT | CbFlag.PARSE_UNKNOWN_HDR_OPT;

/* Which flag gates an op, as the kernel has it (docs/reference/live.md). The others come unasked. */
const GATES: ReadonlyMap<number, number> = new Map([
  [Op.RTO_CB, CbFlag.RTO],
  [Op.RETRANS_CB, CbFlag.RETRANS],
  [Op.STATE_CB, CbFlag.STATE],
  [Op.RTT_CB, CbFlag.RTT],
  [Op.PARSE_HDR_OPT_CB, CbFlag.PARSE_ALL_HDR_OPT],
  [Op.HDR_OPT_LEN_CB, CbFlag.WRITE_HDR_OPT],
  [Op.WRITE_HDR_OPT_CB, CbFlag.WRITE_HDR_OPT],
]);

/** What follows from the options that ask. */
export function askedOps({ ops, cbFlags, rtt }: Asking): AskedOps {
  const mode = rtt ?? (ops === 'all' || ops?.includes(Op.RTT_CB) === true ? 'raw' : 'folded');
  const known = knownOps(ops, mode);
  const reportsAll = ops === 'all' && mode === 'raw';
  return {
    reportedOps: reportsAll ? undefined : known,
    opsMask: opsMaskOf(known, ops === 'all'),
    cbFlags: flagsOf(known, cbFlags, mode),
    rtt: mode,
    isEcnOnRequestOnly: ops === undefined,
    timestamps: timestampsOf(ops),
  };
}

function timestampsOf(ops: Asking['ops']): AskedOps['timestamps'] {
  if (ops === 'all') return 'where-known';
  return ops?.some((op) => op >= FIRST_TIMESTAMP_OP) === true ? 'needed' : 'no';
}

function knownOps(ops: Asking['ops'], mode: RttMode): readonly number[] {
  const named =
    ops === 'all'
      ? Array.from({ length: LAST_KNOWN_OP }, (_, index) => index + 1)
      : (ops ?? DEFAULT_OPS);
  const set = new Set(named);
  if (mode === 'raw') set.add(Op.RTT_CB);
  else set.delete(Op.RTT_CB);
  return [...set].toSorted((a, b) => a - b);
}

function opsMaskOf(known: readonly number[], isAll: boolean): bigint {
  const mask = known.reduce((bits, op) => bits | (1n << BigInt(op)), 0n);
  if (!isAll) return mask;
  // Ops that this version does not know are of `all`, too; what it knows and was left out is not.
  const knownBits = (1n << BigInt(LAST_KNOWN_OP + 1)) - 1n;
  return mask | (ALL_OPS_MASK & ~knownBits);
}

function flagsOf(known: readonly number[], more: number, mode: RttMode): number {
  let flags = more;
  for (const op of known) {
    const gate = GATES.get(op) ?? 0;
    // Whoever asks for headers with unknown options only would get every header with both flags.
    const isNarrower = op === Op.PARSE_HDR_OPT_CB && (more & ALL_PARSE_FLAGS) !== 0;
    if (!isNarrower) flags |= gate;
  }
  // What a socket holds at its close is told then: a close is a state.
  return mode === 'folded' ? flags | CbFlag.RTT | CbFlag.STATE : flags;
}
