import { SOURCE_COUNTERS, type SourceCounts, type SourceLedger } from '../contracts/ledger.ts';
import type { BrokenIdentity } from './ledger-identities.ts';
import type { LaneCounts, LedgerSnapshot } from './ledger.ts';

/** The first of the identities of a live source's part of the ledger (layout.ts) that does not hold, if any. */
export function findBrokenInSource(
  { source, lanes }: LedgerSnapshot,
  exhaustedLanes: readonly boolean[],
  isSourceClosed: boolean,
): BrokenIdentity | undefined {
  // One that counts nothing before its lanes has only notes to tell.
  if (source === undefined || source.counts.length === 0) return undefined;
  if (!source.isSettled) {
    if (!isSourceClosed) return undefined;
    return { id: 'K1', lane: undefined, text: 'the source is closed, but its counts not settled' };
  }
  for (const counts of source.counts) {
    const broken = brokenK1(counts) ?? strayLane(counts, lanes.length);
    if (broken !== undefined) return broken;
  }
  return brokenMade(source) ?? brokenK2(source, lanes, exhaustedLanes);
}

/** The first count of a live source that went back, if any: they never do (L0c). */
export function sourceDecrease(
  before: SourceLedger | undefined,
  after: SourceLedger | undefined,
): string | undefined {
  for (const counts of after?.counts ?? []) {
    const { lane, class: name } = counts;
    const last = before?.counts.find((own) => own.lane === lane && own.class === name);
    const counter = SOURCE_COUNTERS.find((own) => last !== undefined && counts[own] < last[own]);
    if (counter === undefined) continue;
    return `source, lane ${lane}, class ${name}: ${counter} went from ${last?.[counter]} to ${counts[counter]}`;
  }
  return undefined;
}

/** What of a live source's slots has come to an end in a lane. */
export function readOf({ read, markers, bad, skipped }: LaneCounts): number {
  return read + markers + bad + skipped;
}

function submittedTo(source: SourceLedger, lane: number): number {
  return source.counts.reduce(
    (sum, counts) => (counts.lane === lane ? sum + counts.submitted : sum),
    0,
  );
}

function brokenK1(counts: SourceCounts): BrokenIdentity | undefined {
  const { lane, seen, made, submitted, notAskedFor, filtered, folded, shed, lost } = counts;
  if (seen + made === submitted + notAskedFor + filtered + folded + shed + lost) return undefined;
  const text = `class ${counts.class}: seen ${seen} + made ${made} ≠ submitted ${submitted} + notAskedFor ${notAskedFor} + filtered ${filtered} + folded ${folded} + shed ${shed} + lost ${lost}`;
  return { id: 'K1', lane, text };
}

function brokenMade({ counts, madeByKind }: SourceLedger): BrokenIdentity | undefined {
  const made = counts.reduce((sum, own) => sum + own.made, 0);
  const byKind = Object.values(madeByKind).reduce((sum, count) => sum + count, 0);
  if (made === byKind) return undefined;
  return { id: 'K1', lane: undefined, text: `made ${made} ≠ ${byKind} by kind` };
}

function strayLane({ lane }: SourceCounts, lanes: number): BrokenIdentity | undefined {
  if (lane < lanes) return undefined;
  return { id: 'K2', lane, text: `the source counts for it, but there are ${lanes} lanes` };
}

function brokenK2(
  source: SourceLedger,
  lanes: readonly LaneCounts[],
  exhaustedLanes: readonly boolean[],
): BrokenIdentity | undefined {
  for (const [lane, counts] of lanes.entries()) {
    const submitted = submittedTo(source, lane);
    if (exhaustedLanes[lane] !== true || submitted === readOf(counts)) continue;
    const { read, markers, bad, skipped } = counts;
    const text = `submitted ${submitted} ≠ read ${read} + markers ${markers} + bad ${bad} + skipped ${skipped}`;
    return { id: 'K2', lane, text };
  }
  return undefined;
}
