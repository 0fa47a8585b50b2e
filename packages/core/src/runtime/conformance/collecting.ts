import { MessageChannel } from 'node:worker_threads';

import type { Sink, SinkContext, SinkReport } from '../../contracts/sink.ts';

const TIMEOUT_MS = 20_000;

/** The one end of all lanes of a sink, where it has one, as a run has it beside the lanes. */
export class Collecting {
  readonly #lanes: number;
  readonly #channels: readonly MessageChannel[];
  readonly #collected: Promise<SinkReport> | undefined;

  constructor(sink: Sink, lanes: number) {
    this.#lanes = lanes;
    const count = sink.collect === undefined ? 0 : lanes;
    this.#channels = Array.from({ length: count }, () => new MessageChannel());
    const ports = this.#channels.map(({ port2 }) => port2);
    this.#collected = sink.collect?.({ lanes, ports });
    // Told by `end`; before that the writers say the same.
    this.#collected?.catch(() => {});
  }

  contextOf(lane: number): SinkContext {
    const collector = this.#channels[lane]?.port1;
    return { lane, lanes: this.#lanes, ...(collector === undefined ? {} : { collector }) };
  }

  /** SI12: every lane has closed. Rejects with what `collect` rejects with. */
  async end(broken: string[]): Promise<void> {
    if (this.#collected === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, TIMEOUT_MS, 'late');
    });
    const first = await Promise.race([this.#collected, tooLate]);
    clearTimeout(timer);
    if (first !== 'late') return;
    broken.push(`SI12: collect had not settled ${TIMEOUT_MS} ms after every lane had closed`);
  }

  close(): void {
    for (const { port1, port2 } of this.#channels) {
      port1.close();
      port2.close();
    }
  }
}
