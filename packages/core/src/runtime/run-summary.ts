import type { SinkCounter, SourceCounter } from '../contracts/ledger.ts';
import type { SinkReport } from '../contracts/sink.ts';
import type { PaceReport } from '../contracts/source.ts';
import type { LaneReport } from './lane-report.ts';
import type { LedgerSnapshot } from './ledger.ts';
import type { CollectorReport } from './run-collectors.ts';
import { readOf } from './source-identities.ts';

/**
 * How a run ended.
 *
 *   completed  the source came to its end by itself and was read to it, or every output had all it wanted
 *   stopped    by stop() or durationMs: what was taken is in the sinks, of a live source all that it had submitted
 *   aborted    by stop({ now: true }): what the sinks had not yet written is lost
 *   failed     an error ended it
 */
export type RunOutcome = 'completed' | 'stopped' | 'aborted' | 'failed';

/** One sink in one lane: what it was given, and what it said at its end. */
export interface SinkSummary extends Readonly<Record<SinkCounter, number>>, SinkReport {
  readonly lane: number;
  readonly output: string;
  readonly sink: string;
}

/** What a run did. */
export interface RunSummary {
  readonly outcome: RunOutcome;
  readonly source: string;
  readonly lanes: number;
  readonly durationMs: number;
  readonly ledger: LedgerSnapshot;
  readonly sinks: readonly SinkSummary[];
  /** Slots that a live source submitted and no lane read: the run failed or was aborted, or no output wanted more. */
  readonly leftInRings: number;
  /** Values sent to `results`. */
  readonly emitted: number;
  /** Of a source that gives its events at a pace. */
  readonly pace?: PaceReport;
  /** What is not wrong but probably not meant either, in words. */
  readonly warnings: readonly string[];
}

const LOSS_REMEDY = 'take more lanes, bigger rings or fewer ops';

/** Puts a summary together: what the sinks said, beside what was counted of them. */
export function summarize({
  reports,
  collectors = [],
  lossRemedy = LOSS_REMEDY,
  ...rest
}: Omit<RunSummary, 'sinks' | 'emitted' | 'leftInRings'> & {
  readonly reports: readonly LaneReport[];
  readonly collectors?: readonly CollectorReport[];
  readonly lossRemedy: string | undefined;
}): RunSummary {
  const sinks = reports.flatMap((report, index) =>
    sinkSummaries(report, rest.ledger, index === 0 ? collectors : []),
  );
  const emitted = reports.reduce((sum, report) => sum + report.emitted, 0);
  const warnings = [
    ...rest.warnings,
    ...lossWarnings(rest.ledger, lossRemedy),
    ...evictionWarnings(reports),
    ...sinks.flatMap((sink) => sink.warnings ?? []),
  ];
  return { ...rest, sinks, leftInRings: leftInRings(rest.ledger), emitted, warnings };
}

function leftInRings({ source, total }: LedgerSnapshot): number {
  if (source === undefined) return 0;
  const submitted = source.counts.reduce((sum, counts) => sum + counts.submitted, 0);
  return Math.max(0, submitted - readOf(total));
}

/** In plain words: what share is missing, and what there is to do about it. */
function lossWarnings({ source }: LedgerSnapshot, remedy: string): string[] {
  const sum = (counter: SourceCounter): number =>
    source?.counts.reduce((total, counts) => total + counts[counter], 0) ?? 0;
  const [lost, shed] = [sum('lost'), sum('shed')];
  const missed = lost + shed;
  if (missed === 0) return [];
  const share = shareText(missed / (missed + sum('submitted')));
  return [`${share} of the events are missing (${lost} lost, ${shed} shed): ${remedy}`];
}

function shareText(share: number): string {
  return share < 0.001 ? 'less than 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

function evictionWarnings(reports: readonly LaneReport[]): string[] {
  const evicted = new Map<string, number>();
  for (const { evictedConnections } of reports) {
    for (const [output, count] of Object.entries(evictedConnections)) {
      evicted.set(output, (evicted.get(output) ?? 0) + count);
    }
  }
  return [...evicted]
    .filter(([, count]) => count > 0)
    .map(
      ([output, count]) =>
        `output ${output}: scanConnections gave back ${count} connections before their end, since more than maxConnections were open in a lane`,
    );
}

/** @param collectors what is told once for all lanes, beside this one */
function sinkSummaries(
  { lane, sinks: reports }: LaneReport,
  ledger: LedgerSnapshot,
  collectors: readonly CollectorReport[],
): SinkSummary[] {
  const outputs = ledger.lanes[lane]?.outputs ?? [];
  return outputs.flatMap(({ output, sinks }) => {
    const own = reports.filter((report) => report.output === output);
    const shared = collectors.filter((report) => report.output === output);
    return sinks.map((counts, index) => ({
      lane,
      output,
      ...counts,
      ...own[index]?.report,
      ...shared.find(({ sink }) => sink === index)?.report,
    }));
  });
}
