import type { Sink, SinkWriter } from '../../contracts/sink.ts';
import { SampleBatches } from './sample-batches.ts';

const BATCH_EVENTS = 8;
const BEFORE = 3;
const AFTER = 40;

/** What cannot be read: whoever tries to gets an error. */
const UNREADABLE: unknown = new Proxy(
  {},
  {
    get: () => {
      throw new TypeError('this value cannot be read');
    },
    ownKeys: () => {
      throw new TypeError('this value cannot be read');
    },
    getPrototypeOf: () => {
      throw new TypeError('this value cannot be read');
    },
  },
);

/** SI8: what happens in the middle must not be lost, nor the books with it. */
export async function checkSinkFailures(
  sink: Sink,
  breaks: (() => Promise<void> | void) | undefined,
  broken: string[],
): Promise<void> {
  if (sink.accepts !== 'batches') await failByValue(sink, broken);
  if (breaks !== undefined) await failByDestination(sink, breaks, broken);
}

async function failByValue(sink: Sink, broken: string[]): Promise<void> {
  const writing = await Writing.open(sink);
  await writing.write(BEFORE);
  await writing.writeValue(UNREADABLE);
  await writing.end();
  const { acknowledged } = writing.writer;
  if (!writing.hasFailed && acknowledged < writing.given) {
    broken.push('SI8: a value that could not be read was lost, and nobody was told');
  }
  writing.balance('after a value that could not be read', broken);
}

async function failByDestination(
  sink: Sink,
  breaks: () => Promise<void> | void,
  broken: string[],
): Promise<void> {
  const writing = await Writing.open(sink);
  await writing.write(BEFORE);
  await breaks();
  await writing.write(AFTER);
  await writing.end();
  if (!writing.hasFailed) {
    broken.push('SI8: the destination broke, and neither write nor flush nor close told');
  }
  writing.balance('after the destination broke', broken);
}

/** A writer that is given input until it fails, and what it said. */
class Writing {
  readonly writer: SinkWriter;
  readonly #sink: Sink;
  readonly #samples: SampleBatches;
  given: number;
  hasFailed: boolean;

  private constructor(sink: Sink, writer: SinkWriter) {
    this.#sink = sink;
    this.writer = writer;
    this.#samples = new SampleBatches(BATCH_EVENTS);
    this.given = 0;
    this.hasFailed = false;
  }

  static async open(sink: Sink): Promise<Writing> {
    await sink.prepare?.({ lanes: 1 });
    return new Writing(sink, await sink.open({ lane: 0, lanes: 1 }));
  }

  async write(inputs: number): Promise<void> {
    for (let input = 0; input < inputs && !this.hasFailed; input++) {
      const batch = this.#samples.next();
      const isBatch = this.#sink.accepts !== 'values';
      const given = isBatch ? batch : batch.at(0).toObject();
      this.given += isBatch ? batch.size : 1;
      await this.#try(() => {
        const settled = this.writer.write(given);
        this.#samples.end();
        return settled;
      });
    }
  }

  async writeValue(value: unknown): Promise<void> {
    this.given++;
    await this.#try(() => this.writer.write(value));
  }

  /** As a lane does where the run has failed: flush, and close whatever flush says. */
  async end(): Promise<void> {
    await this.#try(() => this.writer.flush());
    await this.#try(async () => {
      await this.writer.close({ isComplete: !this.hasFailed });
    });
  }

  balance(when: string, broken: string[]): void {
    const { acknowledged, failed } = this.writer;
    if (acknowledged + failed === this.given) return;
    broken.push(
      `SI8: ${when} acknowledged ${acknowledged} + failed ${failed}, but ${this.given} given`,
    );
  }

  async #try(act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch {
      this.hasFailed = true;
    }
  }
}
