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
import { inspectPipeline, type InspectedOutput } from '../pipeline/inspect-pipeline.ts';
import { loadPipeline } from '../pipeline/load-pipeline.ts';
import { pipelineUrl } from '../pipeline/pipeline-url.ts';
import { checkSinkInputs } from './check-sink-inputs.ts';
import { checkSourceInputs } from './check-source-inputs.ts';
import { DrainDeadline } from './drain-deadline.ts';
import { drainTimeout } from './drain-timeout.ts';
import { LaneControls } from './lane-controls.ts';
import { fromLaneOutcome } from './lane-outcome.ts';
import type { LaneReport } from './lane-report.ts';
import type { LaneOutcome, LaneTask } from './lane-task.ts';
import { LedgerLayout, type LedgerShape } from './layout.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { toLedgerSnapshot, type LedgerSnapshot } from './ledger.ts';
import { ResultsReceiver } from './results-channel.ts';
import { RunCollectors } from './run-collectors.ts';
import { type LanesEnd, RunEnding } from './run-ending.ts';
import { withSummary, type LaneEndFailure } from './run-failure.ts';
import { checkRunOptions, type RunOptions } from './run-options.ts';
import { ProgressMeter } from './run-progress.ts';
import { RunSource } from './run-source.ts';
import { type RunStart, StartNotice } from './run-start.ts';
import type { RunSummary } from './run-summary.ts';
import { StartLine } from './start-line.ts';
import { WorkerPool } from './worker-pool.ts';

const PROGRESS_INTERVAL_MS = 500;
const EMPTY_LAYOUT = new LedgerLayout({ outputs: [] });

/** A run under way. */
export interface RunHandle {
  /**
   * Ends the run: a live source stops, and lanes read what it had submitted; of another source lanes ask for no more. Then outputs complete, sinks are flushed and
   * closed; `drainTimeoutMs` bounds that. `now` ends the lanes' threads at once: what the sinks had not written is lost. May be called again, to say `now` after all.
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
  readonly #deadline: DrainDeadline;
  /** Of lanes that have ended, in that order. */
  readonly #reports: LaneReport[];
  #ending: RunEnding | undefined;
  /** Of the lanes that run. */
  readonly #receivers: Set<ResultsReceiver>;

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
    this.#deadline = new DrainDeadline(options.drainTimeoutMs, {
      giveUp: () => this.#leave(),
      endThreads: () => void this.#pool?.close(),
    });
    this.#reports = [];
    this.#ending = undefined;
    this.#receivers = new Set();
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
      return;
    }
    this.#deadline.begin();
    if (this.#stopped === 'no' && !this.#haveLanesEnded) {
      this.#stopped = 'drain';
      this.#drain();
    }
  }

  async execute(): Promise<RunSummary> {
    try {
      // Whatever does not settle, the deadline is kept: also where it is a source that opens, or a sink that is prepared.
      return (await this.#deadline.within(this.#execute())) ?? this.#endByDeadline();
    } finally {
      this.#deadline.end();
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
    const collectors = new RunCollectors(outputs, this.#lanes);
    const ending = new RunEnding({
      definition,
      outputs,
      source,
      collectors,
      lanes: this.#lanes,
      startMs: this.#startMs,
      lossRemedy: this.#options.lossRemedy,
    });
    this.#ending = ending;
    try {
      this.#takeUpStop();
      for (const { sinks } of outputs) {
        for (const sink of sinks) await sink.prepare?.({ lanes: this.#lanes, warn: this.#warn });
      }
      lanesEnd = await this.#runLanes(source, shape, watch, collectors);
    } finally {
      this.#haveLanesEnded = true;
      clearTimeout(this.#timer);
      await source.close();
    }
    return ending.conclude(this.ledger(), lanesEnd, watch.broken, {
      stopped: this.#stopped,
      drainTimeoutMs: this.#deadline.isOver ? this.#options.drainTimeoutMs : undefined,
    });
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

  /** The time to drain is over: lanes end as they are, and nobody waits for the source. */
  #leave(): void {
    this.#controls?.requestEnding();
    this.#controls?.requestGiveUp();
    for (const receiver of this.#receivers) receiver.giveUp();
    this.#ending?.hasGivenUp();
    this.#source?.abort();
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
      return { reports: [], failures: [] };
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
      return { reports: reports.filter((report) => report !== undefined), failures };
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
    this.#receivers.add(receiver);
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
      this.#reports.push(report);
      return report;
    } catch (error) {
      receiver.close();
      if (this.#deadline.haveThreadsEnded) return this.#endLane(own.lane);
      failures.push({ lane: own.lane, death: error });
      return undefined;
    } finally {
      this.#receivers.delete(receiver);
    }
  }

  /** Its thread was ended: it says nothing any more. */
  #endLane(lane: number): LaneReport {
    this.#controls?.hasEnded(lane);
    const said = { sinks: [], evictedConnections: {}, emitted: 0 };
    return { lane, failure: undefined, isSourceExhausted: false, ...said };
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

  /** Something of it has not settled, and will not. */
  #endByDeadline(): never {
    const lanes = Array.from({ length: this.#lanes }, (_, lane) => lane);
    const reports = lanes.map(
      (lane) => this.#reports.find((report) => report.lane === lane) ?? this.#endLane(lane),
    );
    const ledger = this.ledger();
    const error = drainTimeout(ledger, this.#options.drainTimeoutMs ?? 0);
    throw this.#ending === undefined
      ? error
      : withSummary(error, this.#ending.summaryAs('failed', ledger, reports));
  }
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
