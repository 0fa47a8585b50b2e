import { type EventView, Kind, Op, type StateCbView, TcpState } from '@sockflow/core';

/** Whether an event begins no connection: its socket is closed, and stays so. A reset that it sends (HDR_OPT_LEN_CB) and time stamps come after the close. */
export function isOfClosedSocket(event: EventView): boolean {
  if (event.state !== TcpState.CLOSE) return false;
  const isChange = event.kind === Kind.OP && event.op === Op.STATE_CB;
  return !isChange || (event as StateCbView).newState === TcpState.CLOSE;
}
