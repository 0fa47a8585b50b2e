/* Buckets: eight to each doubling, so that a quantile is right within 9 %; [0, 8) exactly. */
const STEPS_LOG2 = 3;
const STEPS = 1 << STEPS_LOG2;
const BUCKETS = 33 * STEPS;

/** RTT samples in us, of which quantiles are asked; holds no sample. */
export class RttHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #lowUs = Number.POSITIVE_INFINITY;
  #highUs = 0;

  get count(): number {
    return this.#count;
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
    this.#count += 1;
    if (rttUs < this.#lowUs) this.#lowUs = rttUs;
    if (rttUs > this.#highUs) this.#highUs = rttUs;
  }

  /** The value that `share` of the samples do not exceed, to the bucket's upper bound; never beyond the largest sample. */
  quantileUs(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    let rest = Math.max(1, Math.ceil(share * this.#count));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      rest -= this.#counts[bucket] ?? 0;
      if (rest <= 0) return Math.min(upperBoundUs(bucket), this.#highUs);
    }
    return this.#highUs;
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
