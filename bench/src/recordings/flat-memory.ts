import { join } from 'node:path';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { median } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { commandUsage } from './command-usage.ts';
import { type HeldSlots, writeSlots } from './held-slots.ts';
import type { LargeRecording } from './large-recording.ts';

const MOST_ROUNDS = 3;
/* Of the smaller one's file. */
const SMALLER = 16;
const MOST_MIB = 32;

/** Peak resident memory of `sockflow replay` over a large recording and over a sixteenth of it: what the larger one takes more. */
export function flatMemory(
  held: HeldSlots,
  large: LargeRecording,
  { rounds }: SuiteOptions,
): Promise<CaseResult> {
  const passes = Math.max(1, Math.round(large.passes / SMALLER));
  return withOutputFolder(held.bytes * passes, (folder) => {
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
    const more: number[] = [];
    const least: number[] = [];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      const ofSmall = peak(small, events);
      more.push(peak(large.path, held.events * large.passes) - ofSmall);
      least.push(ofSmall);
    }
    const value = median(more);
    const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    return Promise.resolve({
      id: `recordings/memory/${mib(large.bytes)}MiB`,
      value,
      unit: 'MiB more',
      baseline: `${mib(passes * held.bytes)} MiB: ${median(least).toFixed(0)} MiB`,
      ratio: undefined,
      spread: [Math.min(...more), Math.max(...more)],
      budget: MOST_MIB,
      pass: value <= MOST_MIB,
    });
  });
}
