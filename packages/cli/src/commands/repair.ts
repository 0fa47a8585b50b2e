import { basename } from 'node:path';

import { isSockflowError } from '@sockflow/core';
import { openRecording } from '@sockflow/source-replay';
import { repairedName, repairRecording, type RepairReport } from '@sockflow/source-replay/repair';
import { Argument } from 'commander';

import type { CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { jsonOption } from '../options/common-options.ts';
import { lostEvents, lostText, repairLines } from '../repair/repair-text.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';

/** `sockflow repair`: what is whole of a damaged recording, as a complete one. */
export const repairCommand: CommandModule = {
  name: 'repair',
  summary: 'make a complete recording of what is whole of a damaged or unfinished one',
  description:
    'Reads a recording that is damaged, cut, or was left unfinished by a writer that was killed (REC.sfrec.part), and writes what is whole of it as a new, complete recording with the same id: every whole block byte for byte, a loss marker where events are missing, the index new. Says what was lost: how many events, when, which bytes. The damaged one is left as it is, and nothing is written over. Where several lanes wrote a part each, so does this. Where there is nothing to repair it says so and writes nothing. Exits with 3 where events are lost.',
  arguments: [
    new Argument('<recording>', 'the damaged recording: REC.sfrec, or REC.sfrec.part'),
    new Argument('[output]', 'the recording to write; REC.repaired.sfrec where not given'),
  ],
  options: [jsonOption('report')],
  examples: [
    { line: 'sockflow repair day.sfrec', says: 'what is whole of it, as day.repaired.sfrec' },
    {
      line: 'sockflow repair live.sfrec.part live.sfrec',
      says: 'a complete recording of what a writer left that was killed',
    },
  ],
  async run({ out, err }, [path = '', given], { json }) {
    const output = given ?? repairedName(path);
    const totalBytes = openRecording(path).sizeBytes;
    const progress = new ProgressLine(err, 'repair');
    let report: RepairReport;
    try {
      report = repairRecording(path, output, {
        onProgress: (doneBytes, events) => progress.update({ doneBytes, totalBytes, events }),
      });
    } catch (error) {
      throw withElsewhere(error, path, output);
    } finally {
      progress.stop();
    }
    const lost = lostEvents(report);
    if (json === true) {
      writeJson(out, { ...report, eventsLost: lost.events, isLowerBound: lost.isOpen });
    } else if (report.output === undefined) {
      err.line(`${path} is whole: nothing to repair, nothing was written`);
    } else {
      for (const line of repairLines(report)) err.line(line);
      err.line(`${report.output}: complete; lost: ${lostText(report)}`);
      const unfinished = report.parts.filter((part) => part.wasUnfinished);
      if (unfinished.length > 0) {
        err.line(
          `  ${err.colors.dim('next')}  rm ${unfinished.map((part) => part.path).join(' ')}: what can be had of it is in ${report.output}; nothing reads it any more`,
        );
      }
    }
    return lost.events > 0 || lost.isOpen ? ExitCode.BAD_INPUT : ExitCode.OK;
  },
};

/** On a disk that is full the way out is another one: as this command writes it. */
function withElsewhere(error: unknown, path: string, output: string): unknown {
  if (!isSockflowError(error) || error.code !== 'ERR_SOCKFLOW_RECORDING_WRITE') return error;
  const { errno } = error.details as { readonly errno?: unknown };
  if (errno !== 'ENOSPC' && errno !== 'EDQUOT') return error;
  return Object.assign(error, {
    remedy: `Free space, or write to another disk: sockflow repair ${path} /elsewhere/${basename(output)}; the damaged recording is as it was`,
  });
}
