import type { EncodedEvents, Encode, PeerInput } from './peer.ts';

/** Makes a peer's encoding; its library is loaded only now. */
export async function encodeWith(name: string, input: PeerInput): Promise<EncodedEvents> {
  const format = (await import(`./formats/${name}.js`)) as { readonly encode: Encode };
  return format.encode(input);
}
