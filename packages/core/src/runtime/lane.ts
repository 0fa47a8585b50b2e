/*
 * One lane: the loop that takes spans from a source, delivers them to the pipeline and its sinks, and counts. In the lane's own thread; lane-worker.ts starts it,
 * tests run it in theirs.
 *
 *   subscribe the outputs -> open the sinks -> open the source's end -> wait for the other lanes -> turns -> complete the outputs -> flush and close the sinks
 *   -> close the source's end
 *
 * The source's end is closed last: until then it may be told what its sinks have acknowledged. A lane that is told to give up (giveUp) leaves whatever it waits for, and ends within
 * seconds: drain-deadline.ts.
 *
 * A turn asks the source once and delivers what it gives. Between turns the lane waits while a sink, a gate (mapAsync) or the results channel holds it back,
 * yields to its thread's event loop, and looks whether it should stop.
 */
import type { Observable } from 'rxjs';

import type { ViewMode } from '../batch/view-mode.ts';
import type { LaneCounters } from '../contracts/ledger.ts';
import type { SinkContext } from '../contracts/sink.ts';
import { SOURCE_END, SOURCE_IDLE } from '../contracts/source.ts';
import { ClockedLane } from '../operators/clocked-lane.ts';
import { LaneStream } from '../operators/lane-stream.ts';
import { closedGate, type PressureGate } from '../operators/pressure-gate.ts';
import { setLaneScope } from '../pipeline/emit.ts';
import { namedOutputs, type NamedOutput } from '../pipeline/named-outputs.ts';
import type { PipelineDefinition } from '../pipeline/pipeline-definition.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { EventLoopYield } from '../slot/waiting/event-loop-yield.ts';
import { Turnstile } from '../slot/waiting/turnstile.ts';
import { type CollectorPort, portOf } from './collector-task.ts';
import type { CounterTable } from './lane-counters.ts';
import { laneFailure, type FailurePlace, type LaneFailure } from './lane-failure.ts';
import { LaneOutput, type OutputListener } from './lane-output.ts';
import { GAVE_UP, LanePatience } from './lane-patience.ts';
import type { LaneReport, LaneSinkReport } from './lane-report.ts';
import { DRAIN_FAILED, ENDING_I32, RUN_ON, STOP_I32, type LedgerLayout } from './layout.ts';
import type { ResultsSender } from './results-channel.ts';
import { SinkClosing } from './sink-closing.ts';
import { SinkEnd } from './sink-end.ts';
import { SpanAcknowledger } from './span-acknowledger.ts';
import { SpanCheckpoints } from './span-checkpoints.ts';
import type { StartLine } from './start-line.ts';
import { SubscriptionLedger } from './subscription-ledger.ts';

/** How long a lane sleeps at most before it looks at its stop request, */
const IDLE_WAIT_MS = 50;
/** and once it has had nothing to read for a second: a wake-up costs 0.3 ms, caches being cold. What is published ends either sleep at once. */
const LONG_IDLE_WAIT_MS = 250;
const LONG_IDLE_AFTER_WAITS = 20;

/** After so long a lane yields: with a turn of at most a few ms on top it does so at least every 5 ms. */
const MAX_TURNS_MS = 3;

/** What a lane is made of. */
export interface LaneOptions {
  readonly lane: number;
  readonly lanes: number;
  readonly definition: PipelineDefinition;
  readonly laneData: unknown;
  readonly views: ViewMode;
  readonly layout: LedgerLayout;
  readonly control: SharedArrayBuffer;
  readonly counters: CounterTable;
  readonly results: ResultsSender;
  readonly startLine: StartLine;
  /** To the collectors of those sinks that have one. */
  readonly collectors: readonly CollectorPort[];
}

/** One copy of the pipeline, and its loop. */
export class Lane implements OutputListener {
  readonly #options: LaneOptions;
  readonly #control: Int32Array;
  readonly #stream: LaneStream;
  readonly #ledger: SubscriptionLedger;
  readonly #turnstile: Turnstile;
  readonly #turn: EventLoopYield;
  readonly #patience: LanePatience;
  #outputs: readonly LaneOutput[];
  /** Of the outputs as they were subscribed; those of later subscriptions are the stream's. */
  #gates: readonly PressureGate[];
  #held: Promise<void>[];
  #source: ClockedLane | undefined;
  /** Where the source wants to know what is done with. */
  #acknowledger: SpanAcknowledger | undefined;
  #failure: LaneFailure | undefined;
  /** Of the source, where one is under way: what breaks a wait of the lane leaves it so. */
  #waiting: Promise<void> | undefined;
  /** Waits since there was something to read. */
  #idleWaits: number;
  #isSourceExhausted: boolean;
  #isTurning: boolean;
  #isTurnEndQueued: boolean;

  constructor(options: LaneOptions) {
    const { lane, lanes, views, counters, layout, definition } = options;
    this.#options = options;
    this.#control = new Int32Array(options.control, 0, ENDING_I32 + 1);
    this.#stream = new LaneStream({ lane, lanes, views, source: definition.source });
    this.#ledger = new SubscriptionLedger(this.#stream, counters, layout, lane);
    this.#turnstile = new Turnstile();
    this.#turn = new EventLoopYield(MAX_TURNS_MS);
    this.#patience = new LanePatience();
    this.#outputs = [];
    this.#gates = [];
    this.#held = [];
    this.#source = undefined;
    this.#acknowledger = undefined;
    this.#failure = undefined;
    this.#waiting = undefined;
    this.#idleWaits = 0;
    this.#isSourceExhausted = false;
    this.#isTurning = false;
    this.#isTurnEndQueued = false;
  }

  /** The run's time is over: what waits is left, what sinks have not acknowledged is failed. */
  giveUp(): void {
    this.#patience.end();
    this.#acknowledger?.freeze();
    this.#turnstile.break();
  }

  /** Runs the lane to its end: of the source, of all outputs, by a stop request or a failure. Never rejects. */
  async run(): Promise<LaneReport> {
    setLaneScope({ emit: (value) => this.#emit(value) });
    try {
      await this.#start();
    } catch (error) {
      this.failed({ phase: 'start' }, error);
    }
    await this.#drain();
    const sinks = await this.#closeSinks();
    this.#endTurn();
    this.#acknowledger?.end();
    this.#acknowledger = undefined;
    const closing = this.#inPhase('source', async () => this.#source?.close());
    await this.#patience.withGrace(closing);
    setLaneScope(undefined);
    this.#options.results.close();
    return {
      lane: this.#options.lane,
      failure: this.#failure,
      isSourceExhausted: this.#isSourceExhausted,
      sinks,
      evictedConnections: Object.fromEntries(
        this.#outputs.map(({ name, evictedConnections }) => [name, evictedConnections]),
      ),
      emitted: this.#options.results.values,
    };
  }

  failed(place: FailurePlace, cause: unknown): void {
    // What breaks since it is left is no failure of its own.
    if (this.#patience.isOver) return;
    this.#failure ??= laneFailure(place, cause);
    this.#acknowledger?.freeze();
    this.#turnstile.break();
  }

  held(settled: Promise<void>): void {
    this.#held.push(settled);
    this.#queueTurnEnd();
  }

  completed(): void {
    this.#turnstile.break();
  }

  async #start(): Promise<void> {
    const { definition, lane, lanes, laneData } = this.#options;
    const outputs = namedOutputs(definition, this.#stream.batches);
    this.#subscribe(outputs);
    await this.#openSinks(outputs);
    if (this.#isEndedEarly()) return;
    this.#stream.start((filter) => definition.source.describePushDown(filter) !== undefined);
    const opening = this.#inPhase('source', () =>
      definition.source.openLane({
        lane,
        lanes,
        laneData,
        plans: this.#stream.plans,
        counters: this.#sourceCounters(),
      }),
    );
    const source = await this.#patience.within(opening);
    if (source === undefined || source === GAVE_UP) return;
    const clocked = new ClockedLane(source);
    this.#source = clocked;
    this.#acknowledger = this.#acknowledgerOf(clocked);
    await this.#untilAllAreReady();
    await this.#inPhase('source', () => this.#turns(clocked));
  }

  #acknowledgerOf(source: ClockedLane): SpanAcknowledger | undefined {
    if (!source.isAcknowledged) return undefined;
    const sinks = this.#outputs.flatMap((output) => output.sinks);
    const gates = (): PressureGate[] => [...this.#stream.gates, ...this.#gates];
    return new SpanAcknowledger(source, new SpanCheckpoints(sinks, gates), (cause) =>
      this.failed({ phase: 'source' }, cause),
    );
  }

  async #untilAllAreReady(): Promise<void> {
    const { startLine } = this.#options;
    startLine.arrive();
    while (!startLine.isOpen && this.#isWanted()) {
      await this.#turnstile.wait(startLine.lookAgain());
    }
  }

  #subscribe(outputs: readonly NamedOutput[]): void {
    const laneOutputs = outputs.map(({ name }) => new LaneOutput(name, this));
    this.#outputs = laneOutputs;
    for (const [index, output] of laneOutputs.entries()) {
      this.#stream.beginOutput(output.name);
      output.subscribe(outputs[index]?.observable as Observable<unknown>);
    }
    this.#gates = laneOutputs.flatMap(({ gates }) => gates);
    // Of no output: subscriptions that are made later.
    this.#stream.beginOutput('');
  }

  async #openSinks(outputs: readonly NamedOutput[]): Promise<void> {
    const { counters, layout, collectors } = this.#options;
    const own = this.#sinkContext();
    for (const [outputIndex, output] of this.#outputs.entries()) {
      const sinks = outputs[outputIndex]?.sinks ?? [];
      for (const [sinkIndex, sink] of sinks.entries()) {
        const place = { phase: 'sink', output: output.name, sink: sink.name } as const;
        const collector = portOf(collectors, outputIndex, sinkIndex);
        const context = collector === undefined ? own : { ...own, collector };
        const opening = this.#inPlace(place, () => sink.open(context));
        const writer = await this.#patience.within(opening);
        if (writer === undefined || writer === GAVE_UP) return;
        output.addSink(new SinkEnd(sink, writer, counters, layout, outputIndex, sinkIndex));
      }
    }
  }

  #sinkContext(): SinkContext {
    const { lane, lanes, results } = this.#options;
    return {
      lane,
      lanes,
      warn: (text) => results.warn(text),
      isEnding: () =>
        this.#failure !== undefined ||
        Atomics.load(this.#control, ENDING_I32) !== 0 ||
        Atomics.load(this.#control, STOP_I32) !== RUN_ON,
    };
  }

  async #turns(source: ClockedLane): Promise<void> {
    let walkedToWord = 0;
    while (this.#isWanted()) {
      const span = source.next(walkedToWord);
      if (span === SOURCE_END) {
        this.#isSourceExhausted = true;
        return;
      }
      if (span === SOURCE_IDLE) {
        for (const output of this.#outputs) output.idle();
        this.#endTurn();
        this.#idleWaits++;
        await this.#turnstile.wait(this.#waitFor(source));
      } else {
        if (span.endWord !== span.startWord) this.#idleWaits = 0;
        const { origin, endTimeUs } = span;
        walkedToWord = this.#deliver(span);
        this.#acknowledger?.delivered();
        for (const output of this.#outputs) output.advanceTime(origin, endTimeUs);
        this.#endTurn();
      }
      if (this.#isHeldBack()) await this.#untilReleased();
      if (this.#turn.isDue) await this.#turn.yield();
    }
  }

  #waitFor(source: ClockedLane): Promise<void> {
    const isLongIdle = this.#idleWaits > LONG_IDLE_AFTER_WAITS;
    this.#waiting ??= source.wait(isLongIdle ? LONG_IDLE_WAIT_MS : IDLE_WAIT_MS).finally(() => {
      this.#waiting = undefined;
    });
    return this.#waiting;
  }

  /** Where nobody listens any more, the lane has ended too: `take(10)` ends a run. */
  #isWanted(): boolean {
    return (
      this.#failure === undefined &&
      Atomics.load(this.#control, STOP_I32) === RUN_ON &&
      !this.#areOutputsComplete()
    );
  }

  #deliver(span: SlotSpan): number {
    this.#isTurning = true;
    try {
      return this.#ledger.deliver(span);
    } catch (error) {
      // RxJS hands an exception of a subscriber's own `next` back where it was called directly.
      this.failed({ phase: 'pipeline' }, error);
      return span.endWord;
    } finally {
      this.#isTurning = false;
    }
  }

  #isHeldBack(): boolean {
    return (
      this.#held.length > 0 || this.#options.results.isFull || this.#closedGate() !== undefined
    );
  }

  #closedGate(): PressureGate | undefined {
    return closedGate(this.#stream.gates) ?? closedGate(this.#gates);
  }

  async #untilReleased(): Promise<void> {
    while (!this.#isEndedEarly()) {
      const gate = this.#closedGate();
      if (this.#held.length > 0) {
        const held = this.#held;
        this.#held = [];
        await this.#turnstile.wait(Promise.all(held));
      } else if (gate !== undefined) {
        await this.#turnstile.wait(gate.opened);
      } else if (this.#options.results.isFull) {
        await this.#turnstile.wait(this.#options.results.wait());
      } else {
        return;
      }
    }
  }

  /** Completes the outputs and waits for what they still deliver. After a failure they get no time: what they would deliver may be wrong. */
  async #drain(): Promise<void> {
    try {
      this.#stream.complete();
    } catch (error) {
      this.failed({ phase: 'pipeline' }, error);
    }
    while (!this.#isEndedEarly() && !this.#areOutputsComplete()) {
      await this.#turnstile.sleep();
    }
    for (const output of this.#outputs) output.unsubscribe();
    await this.#untilReleased();
  }

  #closeSinks(): Promise<LaneSinkReport[]> {
    const ends = this.#outputs.flatMap(({ name, sinks }) =>
      sinks.map((end) => ({ output: name, end })),
    );
    return new SinkClosing(ends, this.#patience, {
      hasFailed: () => this.#hasRunFailed(),
      failed: (place, cause) => this.failed(place, cause),
    }).run();
  }

  #isEndedEarly(): boolean {
    return this.#failure !== undefined || this.#patience.isOver;
  }

  /** As far as this lane knows: another one may still fail. */
  #hasRunFailed(): boolean {
    return this.#failure !== undefined || Atomics.load(this.#control, STOP_I32) >= DRAIN_FAILED;
  }

  #areOutputsComplete(): boolean {
    return this.#outputs.length > 0 && this.#outputs.every((output) => output.isComplete);
  }

  #emit(value: unknown): void {
    this.#options.results.emit(value);
    this.#queueTurnEnd();
  }

  /** What operators deliver between turns is counted and sent soon, too. */
  #queueTurnEnd(): void {
    if (this.#isTurning || this.#isTurnEndQueued) return;
    this.#isTurnEndQueued = true;
    setImmediate(() => {
      this.#isTurnEndQueued = false;
      this.#endTurn();
    });
  }

  #endTurn(): void {
    this.#ledger.settle();
    for (const output of this.#outputs) for (const sink of output.sinks) sink.count();
    this.#options.counters.publish();
    this.#acknowledger?.look();
    this.#options.results.flush();
  }

  #sourceCounters(): LaneCounters {
    const { counters, layout } = this.#options;
    return { add: (counter, amount) => counters.add(layout.laneIndex(counter), amount) };
  }

  #inPhase<T>(phase: FailurePlace['phase'], act: () => Promise<T>): Promise<T | undefined> {
    return this.#inPlace({ phase }, act);
  }

  async #inPlace<T>(place: FailurePlace, act: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.failed(place, error);
      return undefined;
    }
  }
}
