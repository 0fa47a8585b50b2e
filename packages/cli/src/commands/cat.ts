import type { Batch } from '@sockflow/core';
import { console, csv, type FieldChoice, type Subscribable, table, writeTo } from '@sockflow/sinks';
import { fromReplay } from '@sockflow/source-replay';
import { Option } from 'commander';

import { firstEvents } from '../cat/first-events.ts';
import { observed } from '../cat/observed.ts';
import type { CommandContext, CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import {
  fieldsOption,
  recordingsArgument,
  tolerateDamageOption,
} from '../options/common-options.ts';
import { filterOptions } from '../options/filter-options.ts';
import { parseCount } from '../options/quantities.ts';
import { timeOption, type TimeValues } from '../options/time-option.ts';
import { applyFilters } from '../pipelines/apply-filters.ts';
import { readFiltersOf, recordingsIn } from '../session/recordings-in.ts';
import { findCode } from '../terminal/error-chain.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { reportError } from '../terminal/report-error.ts';
import { writeWarnings } from '../terminal/warnings.ts';

interface CatOptions extends TimeValues {
  readonly head?: number;
  readonly fields?: readonly FieldChoice[];
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** What a cell has that has nothing to tell, so that the n-th word of a line is always the same. */
const EMPTY_CELL = '-';

/** `sockflow cat`: the events of recordings as lines. */
export const catCommand: CommandModule = {
  name: 'cat',
  summary: 'print the events of recordings, a line each',
  description:
    'Prints one line an event, for reading and for grep: wall time in UTC, or local with --time (where the recording does not know it, seconds since boot), op, local and remote end with an arrow to the one that was called, TCP state, then what the op has to tell (of STATE_CB the new state), flags of the segment, and the owner of the socket. The first six words of a line are always these; where there is nothing to tell stands -. Losses and clock anchors are lines of their own that begin with --. Several recordings are merged by time; - is standard input. Nothing is cut; there are colours, and a heading, on a terminal only.',
  arguments: [recordingsArgument()],
  options: [
    new Option('-n, --head <n>', 'only the first n events').argParser((text) =>
      parseCount('--head', text),
    ),
    fieldsOption('only these fields, in this order, separated by commas: tsNs,op,remotePort'),
    timeOption('utc'),
    ...filterOptions(),
    tolerateDamageOption(),
  ],
  examples: [
    { line: 'sockflow cat real.sfrec | less', says: 'read it' },
    { line: 'zstd -dc real.sfrec.zst | sockflow cat -', says: 'out of a pipe' },
    { line: 'sockflow cat real.sfrec --op STATE_CB | grep SYN_SENT', says: 'how connects went' },
    {
      line: 'sockflow cat a.sfrec b.sfrec --port 443 -n 20',
      says: 'the first events of HTTPS of two recordings, by time',
    },
    {
      line: "sockflow cat real.sfrec --op RTT_CB --fields remoteAddress,mrttUs | awk -F, '{ n[$1]++; s[$1] += $2 } END { for (a in n) print a, s[a] / n[a] }'",
      says: 'mean RTT by address',
    },
  ],
  async run(context, named, values) {
    const options = values as unknown as CatOptions;
    const recordings = recordingsIn(named);
    const { filters, warnings } = readFiltersOf(recordings, values);
    writeWarnings(context.err, warnings);
    const batches = applyFilters(fromReplay(recordings.paths), filters);
    try {
      await print(context, batches, options);
    } catch (error) {
      const isDamage = findCode(error, (code) => code === 'ERR_SOCKFLOW_RECORDING_DAMAGED');
      if (isDamage === undefined || options.tolerateDamage !== true) throw error;
      reportError(context.err, error, options.verbose === true, 'warning');
    }
    return ExitCode.OK;
  },
};

async function print(
  { out, err }: CommandContext,
  batches: Subscribable<Batch>,
  { fields, head, time: zone = 'utc' }: CatOptions,
): Promise<void> {
  const style = { hasHeader: out.isTty };
  const encoding =
    fields === undefined
      ? table({
          ...style,
          hasColors: out.colors.isColorSupported,
          time: 'date',
          zone,
          empty: EMPTY_CELL,
        })
      : csv({ ...style, fields, lineEnd: '\n' });
  // On a terminal the lines themselves are the progress.
  const progress = out.isTty ? undefined : new ProgressLine(err, 'cat');
  let events = 0;
  const counted = observed(batches, ({ size }) => {
    events += size;
    progress?.update({ doneBytes: 0, totalBytes: undefined, events });
  });
  try {
    await writeTo(head === undefined ? counted : firstEvents(counted, head), console({ encoding }));
  } finally {
    progress?.stop();
  }
}
