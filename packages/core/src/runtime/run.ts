/*
 * The main thread's side of a run: learns the pipeline's shape, opens the source, starts one thread a lane, reads the ledger, passes results on and puts the end
 * together. It never touches an event.
 *
 *   load, inspect, check -> source.open -> sinks.prepare -> lanes -> source.start -> source.stop -> source.close -> ledger checked -> summary
 *
 * Whatever can be refused is refused before anything is opened, and the sinks are prepared last: a run that cannot start leaves earlier output as it was.
 */
import { MessageChannel } from 'node:worker_threads';

import { Subject, type Observable } from 'rxjs';

import { defaultViewMode } from '../batch/view-mode.ts';
import type { SourceLedger } from '../contracts/ledger.ts';
import { checkSinkTargets } from '../pipeline/check-sink-targets.ts';
import { explainOutput, pipelineWarnings } from '../pipeline/explain-pipeline.ts';
import { inspectPipeline, type InspectedOutput } from '../pipeline/inspect-pipeline.ts';
import { loadPipeline } from '../pipeline/load-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/pipeline-definition.ts';
import { pipelineUrl } from '../pipeline/pipeline-url.ts';
import { checkSinkInputs } from './check-sink-inputs.ts';
import { checkSourceInputs } from './check-source-inputs.ts';
import { LaneControls } from './lane-controls.ts';
import { fromLaneOutcome } from './lane-outcome.ts';
import type { LaneReport } from './lane-report.ts';
import type { LaneOutcome, LaneTask } from './lane-task.ts';
import { LedgerLayout, type LedgerShape } from './layout.ts';
import { findBrokenIdentity, ledgerBroken } from './ledger-identities.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { toLedgerSnapshot, type LedgerSnapshot } from './ledger.ts';
import { ResultsReceiver } from './results-channel.ts';
import { RunCollectors, runError } from './run-collectors.ts';
import { withSummary, type LaneEndFailure } from './run-failure.ts';
import { checkRunOptions, type RunOptions } from './run-options.ts';
import { ProgressMeter } from './run-progress.ts';
import { RunSource } from './run-source.ts';
import { type RunStart, StartNotice } from './run-start.ts';
import { summarize, type RunOutcome, type RunSummary } from './run-summary.ts';
import { sinkLosses } from './sink-losses.ts';
import { StartLine } from './start-line.ts';
import { WorkerPool } from './worker-pool.ts';

const PROGRESS_INTERVAL_MS = 500;
const EMPTY_LAYOUT = new LedgerLayout({ outputs: [] });

/** A run under way. */
export interface RunHandle {
  /**
   * Ends the run: a live source stops, and lanes read what it had submitted; of another source lanes ask for no more. Then outputs complete, sinks are flushed and
   * closed. `now` ends the lanes' threads at once: what the sinks had not written is lost. May be called again, to say `now` after all.
   */
  stop(options?: { readonly now?: boolean }): void;
  /** How it ended; rejects with what ended it: `runSummaryOf(error)` tells what was done until then. */
  readonly done: Promise<RunSummary>;
  /**
   * Settles when every lane reads, and a live source has started: what happens from then on is seen. `undefined` where the run has ended before, and `done` tells how. Never
   * rejects.
   */
  readonly started: Promise<RunStart | undefined>;
  /** What the lanes emit, from the first value on for whoever subscribes right after `run`. Completes when the run has ended, however it did. */
  readonly results: Observable<unknown>;
  /** The counters of this moment. */
  ledger(): LedgerSnapshot;
}

/**
 * Runs the pipeline of a module in one or more lanes.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION; everything else rejects `done`.
 */
export function run(pipeline: string | URL, options: RunOptions = {}): RunHandle {
  checkRunOptions(options);
  const results = new Subject<unknown>();
  const current = new Run(pipelineUrl(pipeline), options, results);
  return {
    stop: ({ now = false } = {}) => current.stop(now),
    done: current.execute().finally(() => results.complete()),
    started: current.started,
    results: results.asObservable(),
    ledger: () => current.ledger(),
  };
}

/** What the lanes of a run came to. */
interface LanesEnd {
  readonly reports: readonly LaneReport[];
  /** In the order in which they failed. */
  readonly failures: readonly LaneEndFailure[];
  readonly collectors: RunCollectors;
}

class Run {
  readonly #url: URL;
  readonly #options: RunOptions;
  readonly #lanes: number;
  readonly #results: Subject<unknown>;
  readonly #warn: (text: string) => void;
  readonly #startMs: number;
  #stopped: 'no' | 'drain' | 'now';
  #source: RunSource | undefined;
  #controls: LaneControls | undefined;
  #pool: WorkerPool | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasGivenUp: boolean;
  #haveLanesEnded: boolean;
  readonly #notice: StartNotice;

  constructor(url: URL, options: RunOptions, results: Subject<unknown>) {
    this.#url = url;
    this.#options = options;
    this.#lanes = options.lanes ?? 1;
    this.#results = results;
    this.#warn = options.onWarning ?? ((text) => process.emitWarning(text));
    this.#startMs = performance.now();
    this.#stopped = 'no';
    this.#source = undefined;
    this.#controls = undefined;
    this.#pool = undefined;
    this.#timer = undefined;
    this.#hasGivenUp = false;
    this.#haveLanesEnded = false;
    this.#notice = new StartNotice();
  }

  get started(): Promise<RunStart | undefined> {
    return this.#notice.told;
  }

  ledger(): LedgerSnapshot {
    const sourceLedger = (): SourceLedger | undefined => this.#source?.ledger();
    return (
      this.#controls?.snapshot(sourceLedger) ?? toLedgerSnapshot(EMPTY_LAYOUT, [], sourceLedger())
    );
  }

  stop(now: boolean): void {
    if (now) {
      this.#stopped = 'now';
      this.#controls?.requestEnding();
      this.#controls?.requestFailedDrain();
      this.#source?.abort();
      void this.#pool?.close();
    } else if (this.#stopped === 'no' && !this.#haveLanesEnded) {
      this.#stopped = 'drain';
      this.#drain();
    }
  }

  async execute(): Promise<RunSummary> {
    try {
      return await this.#execute();
    } finally {
      this.#notice.tell();
    }
  }

  async #execute(): Promise<RunSummary> {
    const definition = await loadPipeline(this.#url, this.#options.params ?? {});
    const outputs = await inspectPipeline(this.#url, definition);
    checkSinkInputs(outputs);
    checkSinkTargets(outputs);
    checkSourceInputs(definition.source, outputs);
    const plans = outputs.flatMap((output) => output.plans);
    const opened = await definition.source.open({ lanes: this.#lanes, plans });
    const source = new RunSource(definition.source, opened, () => this.#giveUp());
    this.#source = source;
    if (!source.waitsForStart) this.#startTimer();
    let lanesEnd: LanesEnd;
    const shape = shapeOf(outputs);
    const watch = new LedgerWatch(outputs.map(({ isPlanOnly }) => isPlanOnly));
    try {
      this.#takeUpStop();
      for (const { sinks } of outputs) {
        for (const sink of sinks) await sink.prepare?.({ lanes: this.#lanes, warn: this.#warn });
      }
      const collectors = new RunCollectors(outputs, this.#lanes);
      lanesEnd = await this.#runLanes(source, shape, watch, collectors);
    } finally {
      this.#haveLanesEnded = true;
      clearTimeout(this.#timer);
      await source.close();
    }
    return this.#end(definition, outputs, lanesEnd, watch, source);
  }

  #startTimer(): void {
    const { durationMs } = this.#options;
    if (durationMs === undefined) return;
    this.#timer = setTimeout(() => this.stop(false), durationMs);
  }

  /** A source that waits for its start has it once every lane is ready to read; then the run has started. */
  async #startSource(source: RunSource, line: StartLine): Promise<void> {
    const isGoingOn = (): boolean =>
      this.#stopped === 'no' && !this.#hasGivenUp && !this.#haveLanesEnded;
    while (!line.isOpen && isGoingOn()) await line.lookAgain();
    if (source.waitsForStart) {
      if (!isGoingOn()) return;
      await source.start();
      if (isGoingOn()) this.#startTimer();
    }
    // A short input may have been read before this thread looked: that is a start, too.
    if (!line.isOpen || this.#hasGivenUp) return;
    this.#notice.tell({
      source: source.name,
      isLive: source.isLive,
      attachedTo: source.attachedTo,
      lanes: this.#lanes,
      afterMs: performance.now() - this.#startMs,
    });
  }

  /** What was asked for before there was what could do it. */
  #takeUpStop(): void {
    if (this.#stopped === 'drain') this.#drain();
    else if (this.#stopped === 'now') this.#source?.abort();
  }

  /** A live source stops and its lanes read to the end; another one is asked for no more. */
  #drain(): void {
    this.#controls?.requestEnding();
    if (this.#source?.canStop === true) this.#source.stop();
    else this.#controls?.requestDrain();
  }

  /** What is read from now on may be wrong: lanes ask for no more, and a live source need not go on. */
  #giveUp(): void {
    this.#hasGivenUp = true;
    this.#controls?.requestEnding();
    this.#controls?.requestFailedDrain();
    this.#source?.stop();
  }

  async #runLanes(
    source: RunSource,
    shape: LedgerShape,
    watch: LedgerWatch,
    collectors: RunCollectors,
  ): Promise<LanesEnd> {
    // Threads are started last: a run that is refused has none to end.
    const { resourceLimits = {} } = this.#options;
    const threads = this.#lanes + collectors.count;
    const pool = await WorkerPool.start(workerUrl(), threads, resourceLimits);
    if (this.#stopped === 'now') {
      await pool.close();
      return { reports: [], failures: [], collectors };
    }
    const controls = new LaneControls(new LedgerLayout(shape), this.#lanes);
    this.#controls = controls;
    this.#pool = pool;
    this.#takeUpStop();
    if (this.#hasGivenUp) this.#giveUp();
    const ticker = this.#startTicker(watch, source.totalBytes);
    const failures: LaneEndFailure[] = [];
    const startLine = StartLine.allocate(this.#lanes);
    try {
      const collected = this.#runCollectors(pool, collectors);
      const lanes = controls.blocks.map(async (control, lane) => {
        const report = await this.#runLane(
          pool,
          {
            lane,
            control,
            startLine,
            shape,
            laneData: source.laneData(lane),
            collectors: collectors.portsOf(lane),
          },
          failures,
        );
        if (failures.length > 0) this.#giveUp();
        return report;
      });
      const started = this.#startSource(source, new StartLine(startLine));
      const reports = await Promise.all(lanes);
      this.#haveLanesEnded = true;
      collectors.lanesHaveEnded();
      await Promise.all([started, collected]);
      return { reports: reports.filter((report) => report !== undefined), failures, collectors };
    } finally {
      ticker();
      await pool.close();
    }
  }

  #runCollectors(pool: WorkerPool, collectors: RunCollectors): Promise<void> {
    const own = {
      pipelineUrl: this.#url.href,
      params: this.#options.params ?? {},
      lanes: this.#lanes,
    };
    return collectors.run(pool, own, () => this.#giveUp());
  }

  async #runLane(
    pool: WorkerPool,
    own: Pick<LaneTask, 'lane' | 'control' | 'startLine' | 'shape' | 'laneData' | 'collectors'>,
    failures: LaneEndFailure[],
  ): Promise<LaneReport | undefined> {
    const { port1, port2 } = new MessageChannel();
    const receiver = new ResultsReceiver(port1, own.control, {
      results: this.#results,
      onWarning: this.#warn,
    });
    const task: LaneTask = {
      ...own,
      pipelineUrl: this.#url.href,
      params: this.#options.params ?? {},
      lanes: this.#lanes,
      views: this.#options.views ?? defaultViewMode(),
      results: port2,
    };
    try {
      const ports = [port2, ...own.collectors.map(({ port }) => port)];
      const outcome = await pool.run<LaneOutcome>(task, 'runLane', ports);
      // The lane has closed its port: what it emitted is there before the close is.
      await receiver.closed;
      const report = fromLaneOutcome(own.lane, outcome);
      if (report.failure !== undefined) failures.push({ lane: own.lane, failure: report.failure });
      return report;
    } catch (error) {
      receiver.close();
      failures.push({ lane: own.lane, death: error });
      return undefined;
    }
  }

  /** @returns the function that stops it, after a last look. */
  #startTicker(watch: LedgerWatch, totalBytes: number | undefined): () => void {
    const meter = new ProgressMeter(totalBytes);
    const tick = (): void => {
      const ledger = this.ledger();
      if (watch.look(ledger) !== undefined) this.#giveUp();
      this.#options.onProgress?.(meter.measure(ledger));
    };
    const timer = setInterval(tick, this.#options.progressIntervalMs ?? PROGRESS_INTERVAL_MS);
    return () => {
      clearInterval(timer);
      tick();
    };
  }

  #end(
    definition: PipelineDefinition,
    outputs: readonly InspectedOutput[],
    { reports, failures, collectors }: LanesEnd,
    watch: LedgerWatch,
    source: RunSource,
  ): RunSummary {
    const ledger = this.ledger();
    const { pace } = source;
    const summaryAs = (outcome: RunOutcome): RunSummary =>
      summarize({
        outcome,
        source: definition.source.name,
        lanes: this.#lanes,
        durationMs: performance.now() - this.#startMs,
        ledger,
        ...(pace === undefined ? {} : { pace }),
        reports,
        collectors: collectors.reports,
        lossRemedy: this.#options.lossRemedy,
        warnings: [
          ...source.warnings,
          ...pipelineWarnings(outputs.map((output) => explainOutput(definition, output))),
        ],
      });
    if (this.#stopped === 'now') return summaryAs('aborted');
    const failure = runError(failures, collectors.failures);
    if (failure !== undefined) throw withSummary(failure, summaryAs('failed'));
    if (source.failure !== undefined) {
      throw withSummary(source.failure.error, summaryAs('failed'));
    }
    const exhaustedLanes = exhaustedLanesOf(reports);
    const isExhausted = reports.every(({ isSourceExhausted }) => isSourceExhausted);
    const broken =
      watch.broken ??
      findBrokenIdentity(ledger, {
        exhaustedLanes,
        holdsTotal: source.totalBytes !== undefined,
        isSourceClosed: true,
        areSinksClosed: true,
        isPlanOnly: outputs.map(({ isPlanOnly }) => isPlanOnly),
      });
    if (broken !== undefined) throw withSummary(ledgerBroken(broken, ledger), summaryAs('failed'));
    const losses = sinkLosses(ledger);
    if (losses !== undefined) throw withSummary(losses, summaryAs('failed'));
    const isStopped = this.#stopped === 'drain' && (source.canStop || !isExhausted);
    return summaryAs(isStopped ? 'stopped' : 'completed');
  }
}

function exhaustedLanesOf(reports: readonly LaneReport[]): boolean[] {
  const exhausted: boolean[] = [];
  for (const { lane, isSourceExhausted } of reports) exhausted[lane] = isSourceExhausted;
  return exhausted;
}

function shapeOf(outputs: readonly InspectedOutput[]): LedgerShape {
  return {
    outputs: outputs.map(({ name, sinks }) => ({ name, sinks: sinks.map((sink) => sink.name) })),
  };
}

function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './lane-worker.ts' : './lane-worker.js',
    import.meta.url,
  );
}
