import { availableParallelism } from 'node:os';

import {
  BENCH_SCHEMA,
  type BenchDocument,
  type CaseResult,
  LoadWatch,
  machineFacts,
} from '@sockflow/benchmark';

import type { BenchValues } from '../options/bench-options.ts';
import { formatAmount, formatBytes, formatCount } from '../terminal/format.ts';
import { ProgressLine } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { writeWarnings } from '../terminal/warnings.ts';
import { VERSION } from '../version.ts';
import type { BenchInput } from './bench-input.ts';
import { BenchRunner, type BenchSubject, type Probe } from './bench-runner.ts';
import { rowText } from './bench-text.ts';
import { inputSettings } from './input-settings.ts';
import type { RoundCount } from './round-count.ts';
import { shortenedInput } from './shortened-input.ts';

const NS_PER_S = 1e9;
/* How long a pass takes is found out on so many events. */
const PROBE_EVENTS = 200_000;
/* Below, a pass is over before the clock and the scheduler are small beside it. */
const SHORT_PASS_MS = 50;

/** What is measured, on what, for how long. */
export interface BenchRequest {
  readonly err: Terminal;
  readonly subject: BenchSubject;
  readonly input: BenchInput;
  readonly options: BenchValues;
  /** For what is needed on the way; the caller removes it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Kept up to date, for who ends it. */
  readonly rounds: RoundCount;
}

/** Measures, with a look at what else uses the machine, and says what came of it as a document. */
export async function runBench(request: BenchRequest): Promise<BenchDocument> {
  const { err, subject, options, signal } = request;
  const startMs = Date.now();
  const progress = new ProgressLine(err, 'bench');
  let doneEvents = 0;
  let totalEvents = 0;
  const onPass = (events: number): void => {
    doneEvents += events;
    progress.update({ doneBytes: doneEvents, totalBytes: totalEvents, events: doneEvents });
  };
  let load = new LoadWatch();
  const onCase = (id: string, rows: readonly CaseResult[]): void => {
    load.caseEnded(id);
    // A terminal has the bar, and the table at the end.
    if (!err.isTty) for (const row of rows) err.line(`  ${rowText(row)}`);
  };
  const onRound = (): void => void request.rounds.done++;
  const runner = new BenchRunner({ subject, signal, onPass, onCase, onRound });
  try {
    const lanes = options.lanes ?? lanesOfMachine();
    request.rounds.all = comparisonsOf(lanes) * options.rounds;
    const { input, passNs } = await fittingInput(request, runner);
    err.line(startText(request, input));
    const expectedS = (passesOf(subject, lanes, options.rounds) * passNs) / NS_PER_S;
    err.line(`expected: about ${Math.max(1, Math.round(expectedS))} s in all`);
    doneEvents = 0;
    totalEvents = passesOf(subject, lanes, options.rounds) * input.events;
    load = new LoadWatch();
    const { results, plots, warnings } = await runner.measure(input, lanes, options.rounds);
    progress.stop();
    writeWarnings(err, [...warnings, ...shortWarnings(results[0]?.value ?? 0, input)]);
    return {
      schema: BENCH_SCHEMA,
      startedAt: new Date(startMs).toISOString(),
      tookS: (Date.now() - startMs) / 1000,
      version: VERSION,
      machine: machineFacts(),
      settings: settingsOf(request, input, lanes),
      load: load.result(),
      results,
      plots,
      leftOut: [],
    };
  } finally {
    progress.stop();
  }
}

interface FittingInput {
  readonly input: BenchInput;
  /** About how long a pass takes, with what is not counted. */
  readonly passNs: number;
}

/** All of the recording, or as much of its beginning as fits into the time. */
async function fittingInput(
  { input, options, folder, err, signal }: BenchRequest,
  runner: BenchRunner,
): Promise<FittingInput> {
  const short = await shortenedInput(input, PROBE_EVENTS, folder);
  signal.throwIfAborted();
  const probe = await runner.probe(short);
  const fitting = Math.floor(
    (options.seconds * NS_PER_S * short.events) / (probe.ns * (options.rounds + 1)),
  );
  if (fitting >= input.events) return fitted(input, probe, short);
  const cut = await shortenedInput(input, Math.max(fitting, PROBE_EVENTS), folder);
  signal.throwIfAborted();
  if (cut !== input) {
    writeWarnings(err, [
      `only the first ${formatAmount(cut.events, 'event')} of ${formatCount(input.events)} are read, so that the rounds fit into ${options.seconds} s: --seconds gives them more`,
    ]);
  }
  return fitted(cut, probe, short);
}

/** What does not grow with the input, such as threads that start, is the same for each pass. */
function fitted(
  input: BenchInput,
  { ns, wallNs, passes }: Probe,
  { events }: BenchInput,
): FittingInput {
  return { input, passNs: ((ns * input.events) / events + (wallNs - ns)) / passes };
}

function comparisonsOf(lanes: readonly number[]): number {
  return 1 + lanes.filter((count) => count !== 1).length;
}

/** 1, 2, 4 … and the cores themselves. */
function lanesOfMachine(): number[] {
  const cores = availableParallelism();
  const lanes: number[] = [];
  for (let count = 1; count < cores; count *= 2) lanes.push(count);
  return [...lanes, cores];
}

function passesOf({ work }: BenchSubject, lanes: readonly number[], rounds: number): number {
  const inOneLane = work.kind === 'module' ? 4 : 3;
  const beside = lanes.filter((count) => count !== 1).length * 2;
  return (rounds + 1) * (inOneLane + beside);
}

function startText({ subject, options }: BenchRequest, input: BenchInput): string {
  const sinks =
    subject.work.kind !== 'module'
      ? ''
      : subject.work.hasRealSinks
        ? ', into its own sinks'
        : ', sinks replaced by counting ones';
  return `${input.paths.length === 1 ? input.name : `${input.name} and others`}: ${formatAmount(input.events, 'event')}, ${formatBytes(input.sizeBytes)} · ${subject.name}${sinks} · ${formatAmount(options.rounds, 'round')}`;
}

function shortWarnings(eventsPerSec: number, { events }: BenchInput): string[] {
  const passMs = (events / eventsPerSec) * 1000;
  if (passMs >= SHORT_PASS_MS) return [];
  return [
    `a pass takes ${passMs.toFixed(1)} ms only, which says little of a run that goes on: give a larger recording`,
  ];
}

function settingsOf(
  request: BenchRequest,
  input: BenchInput,
  lanes: readonly number[],
): BenchDocument['settings'] {
  const { options, subject } = request;
  return {
    subject: subject.name,
    ...inputSettings(request),
    events: input.events,
    bytes: input.sizeBytes,
    rounds: options.rounds,
    lanes: lanes.join(','),
    sinks: subject.work.kind === 'module' ? options.sinks : 'discard',
    filters: JSON.stringify(subject.filters, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  };
}
