import { RTT_BUCKETS } from '@sockflow/core';

/* Buckets: 64 to each doubling, so that a quantile is right within 1.6 %; [0, 64) exactly. */
const STEPS_LOG2 = 6;
const STEPS = 1 << STEPS_LOG2;
const BUCKETS = 33 * STEPS;

/** Up to this many samples are kept, and quantiles are exact. */
const EXACT_SAMPLES = 100_000;

/* Buckets of the kernel's summaries: 0 below 16 us, i from 2^(i+3) us on; the last one has no end (bucket_of in source-bpf/bpf/summary.h). */
const FIRST_DOUBLING_LOG2 = 4;

/** Samples that were folded: `event` of an RTT_SUMMARY. */
export interface FoldedSamples {
  readonly rttCount: number;
  readonly rttLowUs: number;
  readonly rttHighUs: number;
  rttBucket(index: number): number;
}

/** How many samples are in [startUs, endUs); without an end the last one. */
export interface RttRange {
  readonly startUs: number;
  readonly endUs: number | undefined;
  readonly samples: number;
}

/**
 * RTT samples in us, of which quantiles are asked: exact ones of the first hundred thousand samples, then those of buckets. Of folded samples only the doubling is known that
 * each lies in: they count as its upper bound, or the largest of their summary.
 */
export class RttHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #samplesUs = new Uint32Array(EXACT_SAMPLES);
  readonly #doublings = new Float64Array(RTT_BUCKETS);
  #folded = 0;
  #isSorted = true;
  #count = 0;
  #lowUs = Number.POSITIVE_INFINITY;
  #highUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether quantiles are those of the samples themselves. */
  get isExact(): boolean {
    return this.#count <= EXACT_SAMPLES && this.#folded === 0;
  }

  /** Those of the samples that came in summaries. */
  get folded(): number {
    return this.#folded;
  }

  get lowUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#lowUs;
  }

  get highUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#highUs;
  }

  add(rttUs: number): void {
    bump(this.#counts, bucketOf(rttUs), 1);
    bump(this.#doublings, doublingOf(rttUs), 1);
    if (this.#count < EXACT_SAMPLES) {
      this.#samplesUs[this.#count] = rttUs;
      this.#isSorted = false;
    }
    this.#count += 1;
    if (rttUs < this.#lowUs) this.#lowUs = rttUs;
    if (rttUs > this.#highUs) this.#highUs = rttUs;
  }

  addFolded(samples: FoldedSamples): void {
    const { rttCount, rttLowUs, rttHighUs } = samples;
    if (rttCount === 0) return;
    for (let index = 0; index < RTT_BUCKETS; index++) {
      const count = samples.rttBucket(index);
      if (count === 0) continue;
      bump(this.#doublings, index, count);
      const end = index === RTT_BUCKETS - 1 ? Infinity : startOfDoublingUs(index + 1);
      bump(this.#counts, bucketOf(Math.min(end - 1, rttHighUs)), count);
    }
    this.#count += rttCount;
    this.#folded += rttCount;
    if (rttLowUs < this.#lowUs) this.#lowUs = rttLowUs;
    if (rttHighUs > this.#highUs) this.#highUs = rttHighUs;
  }

  /** How many samples are in each doubling, from the first that has some to the last. Exact, folded or not. */
  ranges(): readonly RttRange[] {
    const ranges = [...this.#doublings].map((samples, index) => ({
      startUs: startOfDoublingUs(index),
      endUs: index === RTT_BUCKETS - 1 ? undefined : startOfDoublingUs(index + 1),
      samples,
    }));
    const isFilled = ({ samples }: RttRange): boolean => samples > 0;
    return ranges.slice(
      Math.max(0, ranges.findIndex(isFilled)),
      ranges.findLastIndex(isFilled) + 1,
    );
  }

  /** The value that `share` of the samples do not exceed; where it is not exact, the upper bound of its bucket, never beyond the largest sample. */
  quantileUs(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    if (this.isExact) return this.#exact(rank);
    let rest = rank;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      rest -= this.#counts[bucket] ?? 0;
      if (rest <= 0) return Math.min(upperBoundUs(bucket), this.#highUs);
    }
    return this.#highUs;
  }

  #exact(rank: number): number | undefined {
    const samplesUs = this.#samplesUs.subarray(0, this.#count);
    if (!this.#isSorted) samplesUs.sort();
    this.#isSorted = true;
    return samplesUs[rank - 1];
  }
}

function bump(counts: Float64Array, index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count;
}

function doublingOf(rttUs: number): number {
  const doubling = 31 - Math.clz32((rttUs >>> (FIRST_DOUBLING_LOG2 - 1)) | 1);
  return Math.min(doubling, RTT_BUCKETS - 1);
}

function startOfDoublingUs(index: number): number {
  return index === 0 ? 0 : 2 ** (index + FIRST_DOUBLING_LOG2 - 1);
}

function bucketOf(rttUs: number): number {
  if (rttUs < STEPS) return rttUs;
  const exponent = 31 - Math.clz32(rttUs);
  return (exponent - STEPS_LOG2 + 1) * STEPS + ((rttUs >>> (exponent - STEPS_LOG2)) & (STEPS - 1));
}

function upperBoundUs(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const exponent = Math.floor(bucket / STEPS) + STEPS_LOG2 - 1;
  return 2 ** exponent + ((bucket % STEPS) + 1) * 2 ** (exponent - STEPS_LOG2) - 1;
}
