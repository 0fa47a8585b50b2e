/** What the process that measures can be asked to do with a recording. */
export const USAGE_WORKS = [
  { name: 'five-fields', says: 'five fields of every event' },
  { name: 'every-field', says: 'every field of every event' },
  { name: 'recording', says: 'file sink: recording' },
  { name: 'msgpack', says: 'file sink: msgpack' },
  { name: 'ndjson', says: 'file sink: ndjson' },
  { name: 'objects', says: 'naive: an object for every event' },
] as const;

export type UsageWorkName = (typeof USAGE_WORKS)[number]['name'];

/** What an event took, of the middle half of a pass. */
export interface Usage {
  readonly events: number;
  readonly userNs: number;
  readonly systemNs: number;
  readonly heapBytes: number;
  /** Voluntary and involuntary context switches of all threads, of a million events. */
  readonly switches: number;
}

/** A pass, and the checksum of what it read, where it is one that reads. */
export interface UsagePass {
  readonly usage: Usage;
  readonly sum?: number | undefined;
}

/** Who allocates: a function and its share of what was sampled. */
export interface Allocator {
  readonly name: string;
  readonly share: number;
}
