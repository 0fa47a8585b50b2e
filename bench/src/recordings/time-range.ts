import { join } from 'node:path';

import type { CaseResult } from '../harness/case-result.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import { median } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { commandUsage } from './command-usage.ts';
import { type HeldSlots, timeAt, writeSlots } from './held-slots.ts';
import type { LargeRecording } from './large-recording.ts';

const MOST_ROUNDS = 7;
const RANGE_NS = 1000;
const MOST_CPU_MS = 100;

/**
 *   sockflow replay LARGE --from T --to T+1us ─► stdout      the same of a recording of one block
 *
 * What the larger one takes more, user and system, of all threads: opening it, finding the range, and delivering what is in it.
 */
export function timeRange(
  held: HeldSlots,
  large: LargeRecording,
  { rounds }: SuiteOptions,
): Promise<CaseResult> {
  return withOutputFolder(held.bytes, (folder) => {
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
    const more: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      const empty = lines(small, firstNs);
      const found = lines(large.path, middleNs);
      if (found.lines === 0 || found.lines !== empty.lines)
        throw new Error(`time-range: ${found.lines} events, ${empty.lines} in one block`);
      more.push(found.cpuMs - empty.cpuMs);
      bare.push(empty.cpuMs);
    }
    const value = median(more);
    return Promise.resolve({
      id: `recordings/time-range/${(large.bytes / 1e9).toFixed(1)}GB`,
      value,
      unit: 'ms CPU more',
      baseline: `one block: ${median(bare).toFixed(0)} ms`,
      ratio: undefined,
      spread: [Math.min(...more), Math.max(...more)],
      budget: MOST_CPU_MS,
      pass: value <= MOST_CPU_MS,
    });
  });
}
