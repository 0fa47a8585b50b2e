/** How many partitions topics have, by name. */
export type PartitionCounts = ReadonlyMap<string, number>;

/**
 * Looks now and then whether topics have as many partitions as were dealt: nobody tells a group of partitions that were added. Only the group's leader looks, since Kafka deals anew when it
 * joins again, and it is the one who knows over how many was dealt. In the lane's thread.
 */
export class PartitionWatch {
  readonly #everyMs: number;
  readonly #look: (topics: readonly string[]) => Promise<PartitionCounts>;
  readonly #changed: () => void;
  #dealt: PartitionCounts | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param look - asks the brokers how many partitions the topics have now
   * @param changed - hears that it is another number
   */
  constructor(
    everyMs: number,
    look: (topics: readonly string[]) => Promise<PartitionCounts>,
    changed: () => void,
  ) {
    this.#everyMs = everyMs;
    this.#look = look;
    this.#changed = changed;
    this.#dealt = undefined;
    this.#timer = undefined;
  }

  /** Over so many was dealt; `undefined` where another member has dealt. */
  dealtOver(counts: PartitionCounts | undefined): void {
    this.stop();
    this.#dealt = counts;
    if (counts !== undefined) this.#schedule(counts);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#dealt = undefined;
  }

  #schedule(dealt: PartitionCounts): void {
    this.#timer = setTimeout(() => void this.#compare(dealt), this.#everyMs);
  }

  async #compare(dealt: PartitionCounts): Promise<void> {
    try {
      const counts = await this.#look([...dealt.keys()]);
      // What was asked for an earlier deal says nothing of this one.
      if (dealt !== this.#dealt) return;
      if ([...dealt].some(([topic, count]) => counts.get(topic) !== count)) {
        this.#changed();
        return;
      }
    } catch {
      // Brokers that are away are told of by who needs them.
    }
    if (dealt === this.#dealt) this.#schedule(dealt);
  }
}
