import type { SourceLedger } from '../contracts/ledger.ts';
import type { OpenSource, PaceReport, Source } from '../contracts/source.ts';

/**
 * The opened source as its run holds it: started and stopped at most once, closed once, its part of the ledger asked for without a throw. What fails is kept, the first of it, and
 * told: it ends the run. Main thread.
 */
export class RunSource {
  readonly name: string;
  /** What was read of it cannot be read again. */
  readonly isLive: boolean;
  readonly #opened: OpenSource;
  readonly #onFailure: () => void;
  readonly #aborted: Promise<void>;
  #resolveAborted: () => void;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #isAborted: boolean;
  #ledger: SourceLedger | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    { name, isLive = false }: Pick<Source, 'name' | 'isLive'>,
    opened: OpenSource,
    onFailure: () => void,
  ) {
    this.name = name;
    this.isLive = isLive;
    this.#opened = opened;
    this.#onFailure = onFailure;
    this.#resolveAborted = () => {};
    this.#aborted = new Promise((resolve) => {
      this.#resolveAborted = resolve;
    });
    this.#starting = undefined;
    this.#stopping = undefined;
    this.#isAborted = false;
    this.#ledger = undefined;
    this.#failure = undefined;
  }

  get totalBytes(): number | undefined {
    return this.#opened.totalBytes;
  }

  get attachedTo(): string | undefined {
    return this.#opened.attachedTo;
  }

  get warnings(): readonly string[] {
    return this.#opened.warnings ?? [];
  }

  get pace(): PaceReport | undefined {
    return this.#opened.pace?.();
  }

  /** Whether it is live: its lanes come to an end when it is stopped. */
  get canStop(): boolean {
    return this.#opened.stop !== undefined;
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  laneData(lane: number): unknown {
    return this.#opened.laneData(lane);
  }

  /** Its counts of this moment, or the last that it gave. */
  ledger(): SourceLedger | undefined {
    try {
      this.#ledger = this.#opened.ledger?.() ?? this.#ledger;
    } catch (error) {
      this.#fail(error);
    }
    return this.#ledger;
  }

  /** Whether it waits for {@link start}. */
  get waitsForStart(): boolean {
    return this.#opened.start !== undefined;
  }

  /** Lets it begin, unless it was asked to stop before. Never rejects. */
  async start(): Promise<void> {
    if (this.#stopping === undefined && !this.#isAborted) this.#starting ??= this.#start();
    await this.#unlessAborted(this.#starting);
  }

  /** Asks it to stop, where it can be and was not asked before. */
  stop(): void {
    this.#stopping ??= this.#stop();
  }

  /** Nobody waits any more for it to start or to stop. */
  abort(): void {
    this.#isAborted = true;
    this.#resolveAborted();
  }

  /** Stops it where that has not happened, then closes it. Never rejects. */
  async close(): Promise<void> {
    if (!this.#isAborted) {
      this.stop();
      await this.#unlessAborted(this.#stopping);
    }
    try {
      await this.#opened.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #unlessAborted(settling: Promise<void> | undefined): Promise<void> {
    await Promise.race([settling, this.#aborted]);
  }

  async #start(): Promise<void> {
    try {
      await this.#opened.start?.();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #stop(): Promise<void> {
    await this.#starting;
    try {
      await this.#opened.stop?.();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#onFailure();
  }
}
