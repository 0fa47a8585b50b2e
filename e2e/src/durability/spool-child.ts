/*
 * A process that writes a recording once through a spool to a file whose sink is away now and then, and then stays until it is killed:
 *
 *   node spool-child.js RECORDING DIRECTORY OUT LOG SEED [drain]
 *
 * OUT gets a line for each event. LOG has how many events of the recording were acknowledged. With `drain` nothing is written, the sink is there, and the process ends once the spool is empty.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { isBatch, type Sink, type SinkWriter } from '@sockflow/core';
import { fromReplay, spool, writeTo } from 'sockflow';

import { AcknowledgedLog } from './acknowledged-log.ts';
import { seededRandom } from './seeded-random.ts';

const [recording = '', directory = '', out = '', logPath = '', seed = '1', mode = ''] =
  process.argv.slice(2);
const isDraining = mode === 'drain';
const random = seededRandom(Number(seed));
const MAX_STATE_MS = 120;
/** Between what lies in the file and its acknowledgement: what a kill then repeats. */
const ACK_AFTER_MS = 3;

type State = 'up' | 'away' | 'silent';
const now: { state: State } = { state: 'up' };
if (!isDraining) void changeStates();

async function changeStates(): Promise<void> {
  for (;;) {
    const chance = random();
    now.state = chance < 0.4 ? 'up' : chance < 0.8 ? 'away' : 'silent';
    await sleep(random() * MAX_STATE_MS);
  }
}

function throwAway(): void {
  if (now.state === 'away') throw new Error('it is away');
}

class Lines implements SinkWriter {
  readonly #fd = openSync(out, 'a');
  acknowledged = 0;
  readonly failed = 0;

  write(input: unknown): Promise<void> | void {
    throwAway();
    if (!isBatch(input)) throw new TypeError('a batch was expected');
    let lines = '';
    for (const event of input) lines += `${event.tsNs} ${event.cookie}\n`;
    const events = input.size;
    const take = (): void => {
      writeSync(this.#fd, lines);
      setTimeout(() => (this.acknowledged += events), ACK_AFTER_MS);
    };
    if (now.state === 'up') return take();
    return this.#whenHeard(take);
  }

  async #whenHeard(take: () => void): Promise<void> {
    while (now.state === 'silent') await sleep(2);
    throwAway();
    take();
  }

  async flush(): Promise<void> {
    await this.#whenHeard(() => {});
    await sleep(2 * ACK_AFTER_MS);
  }

  close(): object {
    return {};
  }
}

const away: Sink = {
  name: 'away',
  accepts: 'batches',
  open: () => {
    throwAway();
    return new Lines();
  },
};
const sink = spool(away, { directory, keepBytes: 1 << 16, lagAfterMs: 20, syncAfterMs: 10 });
await sink.prepare?.({ lanes: 1 });
const writer = await sink.open({ lane: 0, lanes: 1 });
const log = new AcknowledgedLog(logPath);
if (!isDraining) {
  setInterval(() => log.note(writer.acknowledged), 2);
  const kept: Sink = {
    name: 'kept',
    accepts: 'batches',
    open: () => ({
      write: async (input) => {
        await writer.write(input);
        log.note(writer.acknowledged);
        await sleep(random() * 4);
      },
      flush: () => {},
      close: () => ({}),
      acknowledged: 0,
      failed: 0,
    }),
  };
  await writeTo(fromReplay(recording), kept);
} else {
  await writer.close({ isComplete: true });
}
