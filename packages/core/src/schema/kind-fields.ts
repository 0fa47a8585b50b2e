import type { FieldType } from './field-spec.ts';

/** One field of the framework's own slots, which overlay the op event's bytes 144-255. */
export interface KindFieldSpec {
  readonly name: string;
  readonly offset: number;
  readonly type: FieldType | 'u32x23';
  readonly doc: string;
}

/** Log2 buckets of an RTT summary. */
export const RTT_BUCKETS = 23;

/** RTT samples of one socket, folded. Bucket 0 counts samples below 16 us, bucket i those in [2^(i+3), 2^(i+4)) us, the last all from 2^25 us (33.6 s). */
// oxfmt-ignore
export const RTT_SUMMARY_FIELDS: readonly KindFieldSpec[] = [
  { name: 'rtt_sum_us', offset: 144, type: 'u64', doc: 'sum of the samples, us' },
  { name: 'rtt_count', offset: 152, type: 'u32', doc: 'samples' },
  { name: 'rtt_low_us', offset: 156, type: 'u32', doc: 'smallest sample, us' },
  { name: 'rtt_high_us', offset: 160, type: 'u32', doc: 'largest sample, us' },
  { name: 'rtt_buckets', offset: 164, type: 'u32x23', doc: 'samples per log2 bucket' },
];

/** Events that were lost before this place in the stream, by what became of them. ts_boot_ns is the end of the gap. */
// oxfmt-ignore
export const LOSS_MARKER_FIELDS: readonly KindFieldSpec[] = [
  { name: 'gap_start_ns', offset: 144, type: 'u64', doc: 'start of the gap, ns since boot' },
  { name: 'lost_ring_full', offset: 152, type: 'u64', doc: 'refused by a full ring' },
  { name: 'lost_shed_first', offset: 160, type: 'u64', doc: 'shed in the first class: raw RTT and query ops' },
  { name: 'lost_shed_last', offset: 168, type: 'u64', doc: 'shed in the last class: lifecycle and errors' },
  { name: 'lost_damaged', offset: 176, type: 'u64', doc: 'in damaged blocks of a recording' },
  { name: 'lost_lane', offset: 184, type: 'u32', doc: 'lane that lost them' },
];

/** The clocks of the origin at ts_boot_ns. */
// oxfmt-ignore
export const CLOCK_ANCHOR_FIELDS: readonly KindFieldSpec[] = [
  { name: 'realtime_ns', offset: 144, type: 'u64', doc: 'wall clock, ns since 1970 UTC' },
  { name: 'monotonic_ns', offset: 152, type: 'u64', doc: 'monotonic clock, ns' },
  { name: 'uncertainty_ns', offset: 160, type: 'u64', doc: 'how far apart the readings may be, ns' },
];
