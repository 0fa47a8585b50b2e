import { ConfigError, isSockflowError } from '@sockflow/core';
import { type Damage, fromReplay, openRecording, type Recording } from '@sockflow/source-replay';
import { Argument, Option } from 'commander';

import type { CommandContext, CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { EventStatistics } from '../inspect/event-statistics.ts';
import { inspectionJson } from '../inspect/inspection-json.ts';
import { recordingFacts } from '../inspect/recording-facts.ts';
import { renderInspection } from '../inspect/render-inspection.ts';
import { jsonOption, tolerateDamageOption } from '../options/common-options.ts';
import { timeOption, type TimeValues } from '../options/time-option.ts';
import { type WholeRecording, wholeRecording } from '../session/spooled-stdin.ts';
import { errorChain, findCode } from '../terminal/error-chain.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { reportError } from '../terminal/report-error.ts';
import { verify } from '../verify/verify.ts';

interface InspectOptions extends TimeValues {
  readonly verify?: true;
  readonly events?: true;
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** `sockflow inspect`: what is in a recording. */
export const inspectCommand: CommandModule = {
  name: 'inspect',
  summary: 'show what is in a recording',
  description:
    'Reads every event of a recording (of several, or of a series, first make one: sockflow slice day.*.sfrec all.sfrec) and shows where and when it was made, events by op and flags, connections and how they went, RTT samples, each by itself or folded, which connections failed, who sent and retransmitted most, what was lost and what is damaged. RTT percentiles that are marked with ~ are upper bounds: at most 1.6 % too high with more than 100,000 samples, up to twice as high where samples were folded.',
  arguments: [new Argument('<recording>', 'the recording: REC.sfrec; - is standard input')],
  options: [
    new Option(
      '--verify',
      'instead: check every checksum, length and count against the format; exits with 3 where one is wrong',
    ),
    new Option(
      '--events',
      'with --verify: check the order, states and values of events, too; for recordings of all ops, unfiltered, from the start of each connection',
    ),
    timeOption('local'),
    jsonOption('inspection'),
    tolerateDamageOption(),
  ],
  examples: [
    { line: 'sockflow inspect real.sfrec', says: 'look at it' },
    {
      line: "sockflow inspect real.sfrec --json | jq '.ops'",
      says: 'events by op, for programs',
    },
    {
      line: 'sockflow inspect --verify day.sfrec',
      says: 'whether every byte is as it was written',
    },
  ],
  async run(context, [path = ''], values) {
    const options = values as unknown as InspectOptions;
    if (options.events === true && options.verify !== true) throw eventsAlone();
    const whole = await wholeRecording(path);
    try {
      return await inspect(context, whole, options);
    } finally {
      await whole.close();
    }
  },
};

async function inspect(
  context: CommandContext,
  { path, name }: WholeRecording,
  options: InspectOptions,
): Promise<ExitCode> {
  if (options.verify === true) {
    const { json, events } = options;
    return verify(context, path, { name, isJson: json === true, checksEvents: events === true });
  }
  const recording = openRecording(path);
  const statistics = new EventStatistics();
  const damage = await readAll(context, recording, statistics);
  const facts = recordingFacts({ ...recording, path: name }, damageOf(damage));
  if (options.json === true) writeJson(context.out, inspectionJson(facts, statistics));
  else {
    const zone = options.time ?? 'local';
    context.out.line(renderInspection(context.out, facts, statistics, zone));
  }
  if (damage === undefined) return ExitCode.OK;
  const isTolerated = options.tolerateDamage === true;
  reportError(context.err, damage, options.verbose === true, isTolerated ? 'warning' : 'error');
  return isTolerated ? ExitCode.OK : ExitCode.BAD_INPUT;
}

function eventsAlone(): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', '--events belongs to --verify', {
    details: { place: '--events' },
    remedy: 'Add --verify, or leave it out',
  });
}

/** What an error of a damaged recording lists. */
function damageOf(error: unknown): readonly Damage[] | undefined {
  for (const link of errorChain(error)) {
    if (isSockflowError(link) && 'damage' in link.details) {
      return link.details.damage as readonly Damage[];
    }
  }
  return undefined;
}

/** @returns the error that names the damage, where there is any; every whole block was read. */
async function readAll(
  { err }: CommandContext,
  recording: Recording,
  statistics: EventStatistics,
): Promise<unknown> {
  const progress = new ProgressLine(err, 'inspect');
  const bytesPerEvent = recording.events === 0 ? 0 : recording.sizeBytes / recording.events;
  try {
    await new Promise<void>((resolve, reject) => {
      fromReplay(recording.path).subscribe({
        next: (batch) => {
          statistics.add(batch);
          progress.update({
            doneBytes: statistics.events * bytesPerEvent,
            totalBytes: recording.sizeBytes,
            events: statistics.events,
          });
        },
        error: reject,
        complete: resolve,
      });
    });
    return undefined;
  } catch (error) {
    if (findCode(error, (code) => code === 'ERR_SOCKFLOW_RECORDING_DAMAGED') === undefined) {
      throw error;
    }
    return error;
  } finally {
    progress.stop();
  }
}
