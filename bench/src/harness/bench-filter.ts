import { CbFlag, Op } from '@sockflow/core';

/** The filter of every benchmark that filters by op and flags. */
export const OPS = [Op.RETRANS_CB, Op.RTO_CB, Op.STATE_CB, Op.RWND_INIT] as const;
/** The same ops as a mask, for C. */
export const OP_MASK = OPS.reduce((mask, op) => mask | (1 << op), 0);
/** Survivors have one of these callback flags: all events of the ops but those of RWND_INIT on a request socket, which has none. */
export const ANY_CB = CbFlag.RTT | CbFlag.RETRANS;
