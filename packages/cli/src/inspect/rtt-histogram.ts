/* Buckets: 64 to each doubling, so that a quantile is right within 1.6 %; [0, 64) exactly. */
const STEPS_LOG2 = 6;
const STEPS = 1 << STEPS_LOG2;
const BUCKETS = 33 * STEPS;

/** Up to this many samples are kept, and quantiles are exact. */
const EXACT_SAMPLES = 100_000;

/** RTT samples in us, of which quantiles are asked: exact ones of the first hundred thousand samples, then those of buckets. */
export class RttHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #samplesUs = new Uint32Array(EXACT_SAMPLES);
  #isSorted = true;
  #count = 0;
  #lowUs = Number.POSITIVE_INFINITY;
  #highUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether quantiles are those of the samples themselves. */
  get isExact(): boolean {
    return this.#count <= EXACT_SAMPLES;
  }

  get lowUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#lowUs;
  }

  get highUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#highUs;
  }

  add(rttUs: number): void {
    const bucket = bucketOf(rttUs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    if (this.#count < EXACT_SAMPLES) {
      this.#samplesUs[this.#count] = rttUs;
      this.#isSorted = false;
    }
    this.#count += 1;
    if (rttUs < this.#lowUs) this.#lowUs = rttUs;
    if (rttUs > this.#highUs) this.#highUs = rttUs;
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
