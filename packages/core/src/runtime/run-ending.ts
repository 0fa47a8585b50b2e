import { explainOutput, pipelineWarnings } from '../pipeline/explain-pipeline.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/pipeline-definition.ts';
import { drainTimeout } from './drain-timeout.ts';
import type { LaneReport } from './lane-report.ts';
import { findBrokenIdentity, ledgerBroken, type BrokenIdentity } from './ledger-identities.ts';
import type { LedgerSnapshot } from './ledger.ts';
import { type CollectorFailure, type RunCollectors, runError } from './run-collectors.ts';
import { withSummary, type LaneEndFailure } from './run-failure.ts';
import type { RunSource } from './run-source.ts';
import { summarize, type RunOutcome, type RunSummary } from './run-summary.ts';
import { sinkLosses } from './sink-losses.ts';

/** What the lanes of a run came to. */
export interface LanesEnd {
  readonly reports: readonly LaneReport[];
  /** In the order in which they failed. */
  readonly failures: readonly LaneEndFailure[];
}

/** How the run was asked to end. */
export interface EndRequest {
  readonly stopped: 'no' | 'drain' | 'now';
  /** Where the time that it had for that is over. */
  readonly drainTimeoutMs: number | undefined;
}

/** Whose end it is. */
export interface RunFacts {
  readonly definition: PipelineDefinition;
  readonly outputs: readonly InspectedOutput[];
  readonly source: RunSource;
  readonly collectors: RunCollectors;
  readonly lanes: number;
  readonly startMs: number;
  readonly lossRemedy: string | undefined;
}

/** Puts the end of a run together: what ended it, whether the books balance, and the summary. Main thread. */
export class RunEnding {
  readonly #facts: RunFacts;
  /** From before lanes gave up: a collector that they leave then has not failed by itself. */
  #collectorFailures: readonly CollectorFailure[] | undefined;

  constructor(facts: RunFacts) {
    this.#facts = facts;
    this.#collectorFailures = undefined;
  }

  /** Lanes are told to give up. */
  hasGivenUp(): void {
    this.#collectorFailures = [...this.#facts.collectors.failures];
  }

  /** @throws what ended the run, with its summary beside it */
  conclude(
    ledger: LedgerSnapshot,
    { reports, failures }: LanesEnd,
    seenBroken: BrokenIdentity | undefined,
    { stopped, drainTimeoutMs }: EndRequest,
  ): RunSummary {
    const { source, outputs, collectors } = this.#facts;
    const summaryAs = (outcome: RunOutcome): RunSummary => this.summaryAs(outcome, ledger, reports);
    if (stopped === 'now') return summaryAs('aborted');
    const failure = runError(failures, this.#collectorFailures ?? collectors.failures);
    if (failure !== undefined) throw withSummary(failure, summaryAs('failed'));
    if (drainTimeoutMs !== undefined) {
      const error = drainTimeout(ledger, drainTimeoutMs, source.failure?.error);
      throw withSummary(error, summaryAs('failed'));
    }
    if (source.failure !== undefined) {
      throw withSummary(source.failure.error, summaryAs('failed'));
    }
    const exhaustedLanes = exhaustedLanesOf(reports);
    const isExhausted = reports.every(({ isSourceExhausted }) => isSourceExhausted);
    const broken =
      seenBroken ??
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
    const isStopped = stopped === 'drain' && (source.canStop || !isExhausted);
    return summaryAs(isStopped ? 'stopped' : 'completed');
  }

  summaryAs(
    outcome: RunOutcome,
    ledger: LedgerSnapshot,
    reports: readonly LaneReport[],
  ): RunSummary {
    const { definition, outputs, source, collectors, lanes, startMs, lossRemedy } = this.#facts;
    const { pace } = source;
    return summarize({
      outcome,
      source: definition.source.name,
      lanes,
      durationMs: performance.now() - startMs,
      ledger,
      ...(pace === undefined ? {} : { pace }),
      reports,
      collectors: collectors.reports,
      lossRemedy,
      warnings: [
        ...source.warnings,
        ...pipelineWarnings(outputs.map((output) => explainOutput(definition, output))),
      ],
    });
  }
}

function exhaustedLanesOf(reports: readonly LaneReport[]): boolean[] {
  const exhausted: boolean[] = [];
  for (const { lane, isSourceExhausted } of reports) exhausted[lane] = isSourceExhausted;
  return exhausted;
}
