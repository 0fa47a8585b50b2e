import { statSync } from 'node:fs';

import { compareSides, type Pass, timedAsync } from '@sockflow/benchmark';
import { SOURCE_END, SOURCE_IDLE } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

import type { BenchCase } from '../harness/bench-case.ts';
import { cPass } from '../harness/c-pass.ts';
import { withC } from '../harness/c-program.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import { runTool } from './own-tool.ts';

const ID = 'sinks/generated/read';

/**
 *   blocks ─► read, CRC ─► spans of slots, which nobody looks at      the same in C      cat to /dev/null, which checks nothing
 */
export const readCase: BenchCase = {
  suite: 'sinks',
  name: 'read',
  says: 'every block of a recording read and checked, against the same in C and against cat',
  async run(bench) {
    const { path, events } = await generatedRecording(bench);
    const answer = await readAll(path);
    const fileBytes = statSync(path).size;
    const side = { program: 'files', libraries: ['z'], rows: [`${ID}/c`] };
    await withC(bench, side, async (c) => {
      const inC = c && {
        name: 'c',
        title: 'C: read, CRC (zlib)',
        kind: 'peer' as const,
        budget: 0.8,
        run: () => cPass(c, `read ${path}`),
      };
      const { results } = await compareSides({
        id: ID,
        reads: 'blocks, CRC; no slot is looked at',
        units: events,
        unit: 'events/s',
        rounds: bench.rounds,
        ours: (): Promise<Pass> => timedAsync(() => readAll(path)),
        baselines: [
          ...(inC === undefined ? [] : [inC]),
          {
            name: 'cat',
            title: 'cat to /dev/null, no CRC, its start included',
            kind: 'peer',
            // It has no answer of its own: that it wrote all bytes is what is checked.
            run: () => ({ ns: runTool('cat', [path], fileBytes), answer }),
          },
        ],
      });
      for (const result of results) bench.result(result);
    });
  },
};

/** Reads every block as a lane of a replay does. @returns events and bytes of payload (modulo 2^32, as C has them) */
async function readAll(path: string): Promise<string> {
  const source = replay(path);
  const opened = await source.open({ lanes: 1, plans: [] });
  const counts: Record<string, number> = {};
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: opened.laneData(0),
    plans: [],
    counters: { add: (name, count) => (counts[name] = (counts[name] ?? 0) + count) },
  });
  let words = 0;
  for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
    if (span !== SOURCE_IDLE) words += span.endWord - span.startWord;
  }
  await lane.close();
  await opened.close();
  return `${(counts['recorded'] ?? 0) - (counts['bad'] ?? 0)} ${(words * 4) % 2 ** 32}`;
}
