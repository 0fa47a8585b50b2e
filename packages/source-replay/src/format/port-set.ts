/**
 * The bit of a port in a block's port set: well-known and ephemeral ports have a half each, so that the many client ports of a block leave the
 * questions that people ask (`--port 443`) exact or nearly so.
 */
export function portBit(port: number): number {
  return (port & 1023) | ((port & 0x8000) >>> 5);
}
