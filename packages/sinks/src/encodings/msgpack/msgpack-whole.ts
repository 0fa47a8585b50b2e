import { Packr, Unpackr } from 'msgpackr';

/* What comes back is what was packed: bigints, Maps, Sets, Dates, typed arrays, cycles and `undefined` too. What objects inherit is not kept. */
const OPTIONS = {
  useRecords: true,
  mapsAsObjects: false,
  moreTypes: true,
  structuredClone: true,
  int64AsType: 'bigint',
  useBigIntExtension: true,
} as const;

const packr = new Packr(OPTIONS);
const unpackr = new Unpackr(OPTIONS);

/** A value for our own reading, in memory that the caller owns; {@link unpackWhole} gives it back. */
export function packWhole(value: unknown): Uint8Array {
  return Uint8Array.from(packr.pack(value));
}

/** What {@link packWhole} packed. */
export function unpackWhole(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes) as unknown;
}
