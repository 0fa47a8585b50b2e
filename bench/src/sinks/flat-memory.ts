import { join } from 'node:path';

import { figure, median } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { inTurns } from '../harness/in-turns.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { commandUsage } from './command-usage.ts';
import { type HeldSlots, writeSlots } from './held-slots.ts';
import { type LargeRecording, withLargeRecording } from './large-recording.ts';

const MOST_ROUNDS = 3;
/* Of the smaller one's file. */
const SMALLER = 16;
const MOST_MIB = 32;
const ID = 'sinks/large/memory/sixteenth';

/** Peak resident memory of `sockflow replay` over a large recording and over a sixteenth of it: what the larger one takes more. */
export const flatMemoryCase: BenchCase = {
  suite: 'sinks',
  name: 'memory',
  says: 'peak memory of the replay of a large recording, beside one of a sixteenth',
  run: (bench) => withLargeRecording(bench, ID, (held, large) => measure(held, large, bench)),
};

function measure(held: HeldSlots, large: LargeRecording, bench: BenchRun): Promise<void> {
  const passes = Math.max(1, Math.round(large.passes / SMALLER));
  return withOutputFolder(held.bytes * passes, async (folder) => {
    const small = join(folder, 'small.sfrec');
    const events = writeSlots(held, small, passes);
    const notes = join(folder, 'usage.json');
    const peak = (path: string, expected: number): number => {
      const { peakMib, stdout } = commandUsage(['replay', path, '--json'], notes);
      const { ledger } = JSON.parse(stdout) as { ledger: { total: { read: number } } };
      if (ledger.total.read !== expected)
        throw new Error(`memory: ${ledger.total.read} events of ${expected}`);
      return peakMib;
    };
    const taken = await inTurns(bench, Math.min(bench.rounds, MOST_ROUNDS), {
      first: () => peak(small, events),
      second: () => peak(large.path, held.events * large.passes),
    });
    bench.result(
      figure({
        id: ID,
        reads: 'blocks, CRC; events counted',
        values: taken.map(([ofSmall, ofLarge]) => ofLarge - ofSmall),
        unit: 'MiB more',
        isLessBetter: true,
        budget: MOST_MIB,
        beside: {
          title: 'a sixteenth, all of it',
          kind: 'self',
          value: median(taken.map(([ofSmall]) => ofSmall)),
        },
      }),
    );
  });
}
