import type { Sink } from '@sockflow/core';
import { writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';

/** What a pass of ours did. */
export interface WritePass {
  readonly ns: number;
  readonly events: number;
}

/** A recording into a sink, in this thread as the loop by hand. Timed from the moment when the sink is open, as the loop's producer is connected, until it is closed. */
export async function writeRecording(recording: string, sink: Sink): Promise<WritePass> {
  let startNs = 0n;
  const opened: Sink = {
    name: sink.name,
    accepts: sink.accepts,
    open: async (context) => {
      const writer = await sink.open(context);
      startNs = process.hrtime.bigint();
      return writer;
    },
  };
  await sink.prepare?.({ lanes: 1 });
  const batches = fromReplay(recording, { views: 'reused' });
  const { given, acknowledged } = await writeTo(batches, opened);
  const ns = Number(process.hrtime.bigint() - startNs);
  if (given !== acknowledged) throw new Error(`${given} given, ${acknowledged} acknowledged`);
  return { ns, events: given };
}
