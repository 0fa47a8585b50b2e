import type { Sink } from '../../contracts/sink.ts';
import { EventLoopYield } from '../../slot/waiting/event-loop-yield.ts';
import { heldBytes } from './leftovers.ts';
import { SampleBatches } from './sample-batches.ts';

const EVENTS = 32_768;
const BATCH_EVENTS = 512;
const VALUES_PER_BATCH = 256;

/** SI9: gives as much as the sink takes without asking for time, as fast as a lane would, and weighs what it holds then. */
export async function checkSinkPressure(
  sink: Sink,
  values: readonly unknown[] | undefined,
  maxHeldBytes: number,
  broken: string[],
): Promise<void> {
  await sink.prepare?.({ lanes: 1 });
  const writer = await sink.open({ lane: 0, lanes: 1 });
  const samples = new SampleBatches(BATCH_EVENTS);
  const turn = new EventLoopYield();
  const before = heldBytes();
  let given = 0;
  while (given < EVENTS) {
    const batch = samples.next();
    if (sink.accepts === 'values') {
      for (let index = 0; index < VALUES_PER_BATCH; index++) {
        const value = values?.[given % values.length] ?? batch.at(index % batch.size).toObject();
        given++;
        const settled = writer.write(value);
        if (settled !== undefined) await settled;
      }
      samples.end();
    } else {
      given += batch.size;
      const settled = writer.write(batch);
      samples.end();
      if (settled !== undefined) await settled;
    }
    if (turn.isDue) await turn.yield();
  }
  const held = heldBytes() - before;
  await writer.flush();
  await writer.close({ isComplete: true });
  if (held <= maxHeldBytes) return;
  broken.push(
    `SI9: holds ${held} bytes of ${given} events or values that it took at once, ${maxHeldBytes} may be`,
  );
}
