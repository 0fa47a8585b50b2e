import type { PeerEvent } from '../peer-fields.ts';

/** A line each, the TCP header in hexadecimal. */
export function jsonLines(events: readonly PeerEvent[]): Buffer {
  const lines = events.map((event) => {
    const { tcpHeader } = event;
    if (!(tcpHeader instanceof Uint8Array)) return JSON.stringify(event);
    return JSON.stringify({ ...event, tcpHeader: Buffer.from(tcpHeader).toString('hex') });
  });
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
