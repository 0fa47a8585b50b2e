import type { Reader } from './group-clients.ts';
import { groupRefusalOf } from './group-refusal.ts';
import type { LanePartition } from './lane-partition.ts';
import { Outage } from './outage.ts';
import { sleep } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

/** Failures in a row after which the client is made anew. */
const RENEW_AFTER = 3;

/** What the lane hears of its commits. */
export interface CommitListener {
  committed(): void;
  notCommitted(): void;
  failed(error: unknown): void;
}

/**
 * Commits what the sinks have acknowledged of the partitions that are owned, one commit at a time, at most every `commitEveryMs` (P1-P3 of LanePartition). A commit that fails is not
 * repeated: the next one says more.
 */
export class Committer {
  readonly #reader: Reader;
  readonly #everyMs: number;
  readonly #partitions: () => readonly LanePartition[];
  readonly #listener: CommitListener;
  readonly #outage: Outage;
  #failures: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #lastError: unknown;

  constructor(
    reader: Reader,
    settings: KafkaSourceSettings,
    partitions: () => readonly LanePartition[],
    listener: CommitListener,
  ) {
    this.#reader = reader;
    this.#everyMs = settings.commitEveryMs;
    this.#partitions = partitions;
    this.#listener = listener;
    this.#outage = new Outage(settings.task, settings.unreachableAfterMs);
    this.#failures = 0;
    this.#timer = undefined;
    this.#running = undefined;
    this.#lastError = undefined;
  }

  /** There may be something to commit: it happens soon. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.commit();
    }, this.#everyMs);
  }

  /** Commits now what is to be committed. The request is on its way when this returns, where none is under way. Never rejects. */
  commit(): Promise<void> {
    this.#running ??= this.#commit().finally(() => {
      this.#running = undefined;
      if (this.#dirty().length > 0) this.schedule();
    });
    return this.#running;
  }

  /**
   * Commits what is left, for so long at most.
   *
   * @returns the last error where something is left
   */
  async end(timeoutMs: number): Promise<unknown> {
    const endMs = performance.now() + timeoutMs;
    await this.#running;
    while (this.#dirty().length > 0 && performance.now() < endMs) {
      await this.commit();
      if (this.#dirty().length > 0) await sleep(100);
    }
    clearTimeout(this.#timer);
    return this.#dirty().length > 0 ? this.#lastError : undefined;
  }

  #dirty(): LanePartition[] {
    return this.#partitions().filter(({ isDirty }) => isDirty);
  }

  async #commit(): Promise<void> {
    const partitions = this.#dirty();
    if (partitions.length === 0) return;
    const offsets = partitions.map(({ committable }) => committable);
    try {
      await this.#reader.client.commit({
        offsets: partitions.map(({ topic, index }, own) => ({
          topic,
          partition: index,
          offset: BigInt(offsets[own] as number),
          leaderEpoch: -1,
        })),
      });
      for (const [own, partition] of partitions.entries()) {
        partition.committed = Math.max(partition.committed, offsets[own] as number);
      }
      this.#failures = 0;
      this.#outage.end();
      this.#listener.committed();
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<void> {
    this.#lastError = error;
    this.#failures++;
    this.#listener.notCommitted();
    try {
      const refusal = groupRefusalOf(error);
      if (refusal !== undefined) throw refusal;
      const retryMs = this.#outage.retryAfterMs(error);
      if (this.#failures % RENEW_AFTER === 0) this.#reader.renew();
      await sleep(retryMs);
    } catch (final) {
      this.#listener.failed(final);
    }
  }
}
