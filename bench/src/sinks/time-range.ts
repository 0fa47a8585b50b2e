import { join } from 'node:path';

import { figure, median } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { inTurns } from '../harness/in-turns.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { commandUsage } from './command-usage.ts';
import { type HeldSlots, timeAt, writeSlots } from './held-slots.ts';
import { type LargeRecording, withLargeRecording } from './large-recording.ts';

const MOST_ROUNDS = 7;
const RANGE_NS = 1000;
const MOST_CPU_MS = 100;
const ID = 'sinks/large/time-range/one-block';

/**
 *   sockflow replay LARGE --from T --to T+1us ─► stdout      the same of a recording of one block
 *
 * What the larger one takes more, user and system, of all threads: opening it, finding the range, and delivering what is in it.
 */
export const timeRangeCase: BenchCase = {
  suite: 'sinks',
  name: 'time-range',
  says: 'CPU time of finding a range of time in a large recording, beside one of one block',
  run: (bench) => withLargeRecording(bench, ID, (held, large) => measure(held, large, bench)),
};

function measure(held: HeldSlots, large: LargeRecording, bench: BenchRun): Promise<void> {
  return withOutputFolder(held.bytes, async (folder) => {
    const [span] = held.spans;
    if (span === undefined) throw new Error('time-range: nothing is held');
    const small = join(folder, 'small.sfrec');
    writeSlots({ ...held, spans: [span] }, small, 1);
    const firstNs = timeAt(held.memory, span.startWord);
    const middleNs = firstNs + Math.floor(large.passes / 2) * large.periodNs;
    const notes = join(folder, 'usage.json');
    const lines = (path: string, fromNs: number): { cpuMs: number; lines: number } => {
      const range = ['--from', String(fromNs), '--to', String(fromNs + RANGE_NS)];
      const args = ['replay', path, ...range, '--sink', 'console:?encoding=ndjson'];
      const { cpuMs, stdout } = commandUsage(args, notes);
      return { cpuMs, lines: stdout.split('\n').length - 1 };
    };
    const taken = await inTurns(bench, Math.min(bench.rounds, MOST_ROUNDS), {
      first: () => lines(small, firstNs),
      second: () => lines(large.path, middleNs),
    });
    for (const [ofOne, found] of taken) {
      if (found.lines === 0 || found.lines !== ofOne.lines)
        throw new Error(`time-range: ${found.lines} events, ${ofOne.lines} in one block`);
    }
    bench.result(
      figure({
        id: ID,
        reads: 'index; blocks of the range, CRC; every field of its events',
        values: taken.map(([ofOne, found]) => found.cpuMs - ofOne.cpuMs),
        unit: 'ms CPU more',
        isLessBetter: true,
        budget: MOST_CPU_MS,
        beside: {
          title: 'one block, all of it',
          kind: 'self',
          value: median(taken.map(([ofOne]) => ofOne.cpuMs)),
        },
      }),
    );
  });
}
