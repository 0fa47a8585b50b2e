import { SOURCE_END, SOURCE_IDLE } from '@sockflow/core';
import { openRecording, replay } from '@sockflow/source-replay';

import { CProgram, compileC, whyNoCompiler } from '../harness/c-program.ts';
import type { CaseResult } from '../harness/case-result.ts';
import { paired, type Pass, timedAsync } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { runTool } from './own-tool.ts';

/**
 *   blocks ─► read, CRC ─► spans of slots, which nobody looks at      the same in C      cat to /dev/null, which checks nothing
 */
export async function reading(
  path: string,
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { events } = openRecording(path);
  const common = { units: events, unit: 'events/s', rounds: options.rounds };
  const ours = (): Promise<Pass> => timedAsync(() => readAll(path));
  const missing = whyNoCompiler();
  if (missing === undefined) {
    const c = new CProgram(compileC('files', ['z']));
    report(
      await paired({
        ...common,
        id: 'recordings/read/c',
        baseline: 'C: read, CRC (zlib)',
        budget: 0.8,
        ours,
        theirs: async () => {
          const { ns, count, checksum } = await c.measure(`read ${path}`);
          return { ns, answer: `${count} ${checksum}` };
        },
      }),
    );
    c.close();
  } else options.note(missing);
  const answer = await readAll(path);
  report(
    await paired({
      ...common,
      id: 'recordings/read/cat',
      baseline: 'cat to /dev/null',
      budget: undefined,
      ours,
      // It has no answer of its own.
      theirs: () => ({ ns: runTool('cat', [path]), answer }),
    }),
  );
}

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
