import type { EventView } from '@sockflow/core';

import { OPTIONAL_FIELDS, type PeerEvent } from './peer-fields.ts';

/* Where a peer's field is not the accessor of its name. */
const OTHERWISE: Readonly<Record<string, (event: EventView) => unknown>> = {
  netnsCookie: (event) => exact(event.netnsCookieNumber),
  cgroupId: (event) => exact(event.cgroupIdNumber),
  tcpHeader: headerOf,
};

/** The same event as a plain object. */
export function toPeerEvent(event: EventView): PeerEvent {
  const { kind, op, state, family, isFullsock, tsUs, localPort, remotePort, laneKey } = event;
  const always = { kind, op, state, family, isFullsock, hasSkb: event.hasSkb === true, tsUs };
  const cookie = exact(event.cookieNumber);
  const object: Record<string, unknown> = { ...always, cookie, localPort, remotePort, laneKey };
  for (const name of Object.keys(OPTIONAL_FIELDS)) {
    const read = OTHERWISE[name];
    const value = read === undefined ? event[name as keyof EventView] : read(event);
    if (value !== undefined) object[name] = value;
  }
  return object as unknown as PeerEvent;
}

/** @throws RangeError where a u64 is no exact number: the formats without integers would not hold it */
function exact(value: number | undefined): number | undefined {
  if (value !== undefined && !Number.isSafeInteger(value))
    throw new RangeError(`a u64 above 2^53: ${value}`);
  return value;
}

function headerOf(event: EventView): Uint8Array | undefined {
  if (event.tcpHeaderLength === undefined) return undefined;
  const header = new Uint8Array(event.tcpHeaderLength);
  event.tcpHeaderInto(header);
  return header;
}
