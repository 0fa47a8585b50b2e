import type { EventObject } from 'sockflow';

import type { JoinedConnection } from './kernel-scene.ts';

/** What tells the events of one socket from others: its ports. */
export interface Ports {
  readonly localPort: number;
  readonly remotePort: number;
}

/** Whether an event is of the socket with these ports. */
export function isOf({ localPort, remotePort }: Ports): (event: EventObject) => boolean {
  return (event) => event.localPort === localPort && event.remotePort === remotePort;
}

/** Events of one socket, in order. */
export function eventsOf(events: readonly EventObject[], ports: Ports): EventObject[] {
  return events.filter(isOf(ports));
}

/** Events of both ends of a connection; the server's with those of the request socket that it was. */
export function endsOf(
  events: readonly EventObject[],
  { near, far }: JoinedConnection,
): { client: EventObject[]; server: EventObject[] } {
  return { client: eventsOf(events, near), server: eventsOf(events, far) };
}

/** A line for each event: the op, with the change of state and its error where it is one. */
export function storyOf(events: readonly EventObject[]): string[] {
  return events.map((event) => {
    if (event.op !== 'STATE_CB') return event.isFullsock ? event.op : `${event.op} ${event.state}`;
    const error = event.skErr === 0 ? '' : ` error ${event.skErr}`;
    return `${event.oldState} > ${event.newState}${error}`;
  });
}

export function ofOp(events: readonly EventObject[], op: string): EventObject[] {
  return events.filter((event) => event.op === op);
}

/** The one event that a test is about. */
export function only<T>(items: readonly T[]): T {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) {
    throw new Error(`one was expected, but there are ${items.length}`);
  }
  return first;
}

/** Whether the socket's last change of state has been seen. */
export function isClosed(ports: Ports): (event: EventObject) => boolean {
  const isIts = isOf(ports);
  return (event) => isIts(event) && event.op === 'STATE_CB' && event.newState === 'CLOSE';
}
