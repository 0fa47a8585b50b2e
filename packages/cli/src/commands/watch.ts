import { ConfigError } from '@sockflow/core';
import type { ReplaySpeed } from '@sockflow/source-replay';
import { Option } from 'commander';

import type { CommandContext, CommandModule, OptionValues } from '../command.ts';
import { lanesOption, speedOption } from '../options/common-options.ts';
import type { FilterSet } from '../options/filter-set.ts';
import {
  durationOption,
  LOSS_REMEDY,
  liveFilterOptions,
  liveOptions,
  readLiveSource,
} from '../options/live-options.ts';
import { readLiveFilters } from '../options/read-live-filters.ts';
import { timeOption, type TimeValues } from '../options/time-option.ts';
import { WATCH_PIPELINE, type WatchParams, type WatchSource } from '../pipelines/watch-params.ts';
import { readRecordingFilters } from '../session/recording-filters.ts';
import { runSession } from '../session/run-session.ts';
import { formatDurationUs } from '../terminal/format.ts';
import { WatchControl } from '../watch/watch-control.ts';
import type { WatchStyle } from '../watch/watch-sink.ts';
import { watchView } from '../watch/watch-view.ts';

interface WatchOptions extends TimeValues {
  readonly table?: true;
  readonly replay?: string;
  readonly speed?: ReplaySpeed;
  readonly lanes: number;
  readonly duration?: number;
  readonly verbose?: true;
}

const LIVE_KEYS = liveOptions().map((option) => option.attributeName());

/** `sockflow watch`: events, or connections, as they come. */
export const watchCommand: CommandModule = {
  name: 'watch',
  drains: true,
  canBeLive: true,
  summary: 'show events, or a table of connections, as they come',
  description:
    'Attaches to a cgroup and shows the events of its sockets on the terminal: a line each, or with --table the most active connections, drawn in place (q quits; lines end with Ctrl-C); retransmits and bytes are those of the last event that tells them, and RTT summaries do not: --op all is closer. A terminal never holds back the kernel: events that come faster than they can be shown are counted. Where stdout is no terminal it gets every line, or the table at the end. With --replay the events are those of a recording, at the pace at which they came.',
  arguments: [],
  options: [
    new Option('--table', 'connections instead of events: state, owner, RTT, losses, bytes'),
    durationOption(),
    new Option('--replay <recording>', 'events of a recording instead of the kernel'),
    speedOption('1 on a terminal, else max'),
    lanesOption(),
    timeOption('local'),
    ...liveOptions(),
    ...liveFilterOptions(),
  ],
  examples: [
    { line: 'sockflow watch --port 443', says: 'events of HTTPS connections' },
    { line: 'sockflow watch --table', says: 'the most active connections' },
    {
      line: 'sockflow watch --op RETRANS_CB,RTO_CB --cgroup /user.slice',
      says: 'losses of what users run',
    },
    {
      line: 'sockflow watch --table --replay fixtures/real.sfrec',
      says: 'a recording, as it was',
    },
  ],
  async run(context, _args, values) {
    const options = values as unknown as WatchOptions;
    const { source, filters, warnings } = readSource(context, options, values);
    const control = WatchControl.allocate(options.lanes);
    const style = styleOf(context, options, control);
    const params: WatchParams = { source, filters, style };
    const view = watchView(context, style, control);
    const isReplay = options.replay !== undefined;
    const exitCode = await runSession(context, {
      what: 'watch',
      url: WATCH_PIPELINE,
      lossRemedy: LOSS_REMEDY,
      lanes: options.lanes,
      durationMs: options.duration,
      params: { ...params },
      isJson: false,
      isVerbose: options.verbose === true,
      toleratesDamage: true,
      printsEvents: context.out.isTty,
      warnings,
      ...(style?.form === 'lines' ? { startText: endText(isReplay, options.duration) } : {}),
      ...view.session,
    });
    view.tellRest(context.err);
    return exitCode;
  },
};

/** Lines leave the keys to the terminal: it is told how they end. */
function endText(isReplay: boolean, durationMs: number | undefined): string {
  if (isReplay) return 'events as they came; Ctrl-C ends them before the recording does';
  const end = durationMs === undefined ? '' : ` after ${formatDurationUs(durationMs * 1000)}, or`;
  return `events as they come; ends${end} with Ctrl-C`;
}

interface ReadSource {
  readonly source: WatchSource;
  readonly filters: FilterSet;
  readonly warnings: readonly string[];
}

function readSource(
  { out }: CommandContext,
  { replay, speed }: WatchOptions,
  values: OptionValues,
): ReadSource {
  if (replay === undefined) {
    if (speed !== undefined) {
      throw conflict('--speed', 'the kernel has no pace but its own', 'Add --replay RECORDING');
    }
    return {
      source: { live: readLiveSource(values) },
      filters: readLiveFilters(values),
      warnings: [],
    };
  }
  const misplaced = LIVE_KEYS.find((key) => values[key] !== undefined);
  if (misplaced !== undefined) {
    const flag = liveOptions().find((option) => option.attributeName() === misplaced)?.long;
    throw conflict(
      `${flag}`,
      `${flag} is for the kernel, and --replay reads a recording`,
      'Leave one of the two out',
    );
  }
  const { op, ...others } = values;
  const filterValues = op === 'all' ? others : values;
  return {
    source: { recording: replay, speed: speed ?? (out.isTty ? 1 : 'max') },
    ...readRecordingFilters(replay, filterValues),
  };
}

function styleOf(
  { out }: CommandContext,
  options: WatchOptions,
  control: WatchControl,
): WatchStyle | undefined {
  if (options.table !== true && !out.isTty) {
    if (options.speed === undefined || options.speed === 'max') return undefined;
    throw conflict(
      '--speed',
      'lines that go to no terminal are written as fast as they are taken',
      'Leave --speed out, or add --table',
    );
  }
  return {
    form: options.table === true ? 'table' : 'lines',
    hasColors: out.colors.isColorSupported,
    maxColumns: out.columns,
    zone: options.time ?? 'local',
    control: control.memory,
  };
}

function conflict(place: string, message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { details: { place }, remedy });
}
