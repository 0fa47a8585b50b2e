import type { RequestSender } from './request-sender.ts';
import type { Request } from './request.ts';

/** As many as a broker remembers of a producer in each partition: of more it would not know which it has. */
const MAX_UNDER_WAY = 5;

/** What the writer hears. */
export interface PipelineListener {
  /** The first request that was not delivered yet is. */
  delivered(request: Request): void;
  /** One more may be started, perhaps. */
  mayGoOn(): void;
  /** Nothing is on its way any more. */
  failed(error: unknown): void;
}

interface Flight {
  readonly request: Request;
  isSettled: boolean;
  error: unknown;
}

/**
 * Has several requests on their way at once, so that neither we nor the brokers wait for the other.
 *
 *   order        requests are written one after another; a broker takes a batch of an idempotent producer only behind the one before it, in each partition
 *   a failure    nothing more is started; when all that was on its way is settled, what is not delivered is sent again, one request after another and in their order
 *   no doubles   a batch keeps its sequence number, and brokers remember the last five of each producer and partition: no more are on their way
 *   told         in order: `delivered` of a request comes after all before it
 *
 * Without idempotence, one request is on its way.
 */
export class RequestPipeline {
  readonly #sender: RequestSender;
  readonly #listener: PipelineListener;
  readonly #underWay: Flight[];
  #isWriting: boolean;
  #hasTrouble: boolean;

  constructor(sender: RequestSender, listener: PipelineListener) {
    this.#sender = sender;
    this.#listener = listener;
    this.#underWay = [];
    this.#isWriting = false;
    this.#hasTrouble = false;
  }

  get underWay(): number {
    return this.#underWay.length;
  }

  mayStart(request: Request): boolean {
    const { length } = this.#underWay;
    if (length === 0) return !this.#hasTrouble;
    if (this.#hasTrouble || this.#isWriting || length >= MAX_UNDER_WAY) return false;
    return this.#sender.mayFollow(request);
  }

  /** Where it may start. Never throws: the listener is told. */
  start(request: Request): void {
    const flight: Flight = { request, isSettled: false, error: undefined };
    this.#underWay.push(flight);
    void this.#fly(flight);
  }

  async #fly(flight: Flight): Promise<void> {
    this.#isWriting = true;
    try {
      const { answered } = await this.#sender.begin(flight.request, this.#underWay.length === 1);
      this.#isWriting = false;
      this.#listener.mayGoOn();
      await answered;
    } catch (error) {
      this.#isWriting = false;
      this.#hasTrouble = true;
      flight.error = error;
    }
    flight.isSettled = true;
    this.#tellDelivered();
    if (!this.#hasTrouble) this.#listener.mayGoOn();
    else if (this.#underWay.every(({ isSettled }) => isSettled)) await this.#recover();
  }

  /** The first that are settled and delivered, also where others failed. */
  #tellDelivered(): void {
    for (;;) {
      const first = this.#underWay[0];
      if (first === undefined || !first.isSettled || !first.request.isDelivered) return;
      this.#underWay.shift();
      this.#listener.delivered(first.request);
    }
  }

  async #recover(): Promise<void> {
    try {
      // The errors of others follow from the first: a batch is out of order where the one before it failed.
      let error = this.#underWay[0]?.error;
      for (let first = this.#underWay[0]; first !== undefined; first = this.#underWay[0]) {
        await this.#sender.sendRest(first.request, error);
        error = undefined;
        this.#tellDelivered();
      }
    } catch (final) {
      this.#underWay.length = 0;
      this.#listener.failed(final);
      return;
    }
    this.#hasTrouble = false;
    this.#listener.mayGoOn();
  }
}
