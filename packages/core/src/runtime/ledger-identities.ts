import { LaneError } from '../errors.ts';
import type { LaneCounts, LedgerSnapshot, OutputCounts } from './ledger.ts';
import { findBrokenInSource } from './source-identities.ts';

/** What the identities depend on besides the counters. */
export interface LedgerTerms {
  /** By lane: whether it read its source to the end. Only then K2 says anything of it, and L1 where all did. */
  readonly exhaustedLanes: readonly boolean[];
  /** Whether the source says what it holds: only then L1 says anything. */
  readonly holdsTotal: boolean;
  /** Whether a live source is closed: from then on its counts must be settled. */
  readonly isSourceClosed: boolean;
  /** Whether every sink is closed: only then all that was given is accounted for. */
  readonly areSinksClosed: boolean;
  /** By output: whether filters of ours alone lie between the source and its sinks. */
  readonly isPlanOnly: readonly boolean[];
}

/** An identity that does not hold. */
export interface BrokenIdentity {
  readonly id: 'L0c' | 'L1' | 'L2' | 'L3' | 'L4' | 'K1' | 'K2';
  readonly lane: number | undefined;
  readonly text: string;
}

/** The first of the ledger's identities (layout.ts) that does not hold, if any. */
export function findBrokenIdentity(
  ledger: LedgerSnapshot,
  terms: LedgerTerms,
): BrokenIdentity | undefined {
  for (const [lane, counts] of ledger.lanes.entries()) {
    const broken = brokenInLane(lane, counts, terms);
    if (broken !== undefined) return broken;
  }
  const { exhaustedLanes, holdsTotal, isSourceClosed } = terms;
  const isExhausted = ledger.lanes.every((_, lane) => exhaustedLanes[lane] === true);
  return (
    (holdsTotal && isExhausted ? brokenL1(ledger.total) : undefined) ??
    findBrokenInSource(ledger, exhaustedLanes, isSourceClosed)
  );
}

/** The error that ends a run whose ledger does not add up. */
export function ledgerBroken(broken: BrokenIdentity, ledger: LedgerSnapshot): LaneError {
  const where = broken.lane === undefined ? 'over all lanes' : `in lane ${broken.lane}`;
  return new LaneError(
    'ERR_SOCKFLOW_LEDGER_BROKEN',
    `the ledger does not add up ${where}: ${broken.id}, ${broken.text}`,
    {
      details: { identity: broken.id, lane: broken.lane, ledger },
      remedy:
        'some events are not accounted for: a source or sink that counts wrongly, or a bug of Sockflow; do not trust the output',
    },
  );
}

function brokenL1(total: LaneCounts): BrokenIdentity | undefined {
  const { recorded, read, skipped, bad } = total;
  if (recorded === read + skipped + bad) return undefined;
  const text = `recorded ${recorded} ≠ read ${read} + skipped ${skipped} + bad ${bad}`;
  return { id: 'L1', lane: undefined, text };
}

function brokenInLane(
  lane: number,
  counts: LaneCounts,
  terms: LedgerTerms,
): BrokenIdentity | undefined {
  for (const [index, output] of counts.outputs.entries()) {
    const broken =
      brokenL2(lane, output) ??
      brokenInSinks(lane, output, terms.isPlanOnly[index] === true, terms.areSinksClosed);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function brokenL2(lane: number, counts: OutputCounts): BrokenIdentity | undefined {
  const { output, due, in: input, filtered, out } = counts;
  if (input !== due) {
    return { id: 'L2', lane, text: `output ${output}: in ${input} ≠ read while subscribed ${due}` };
  }
  if (input === filtered + out) return undefined;
  const text = `output ${output}: in ${input} ≠ filtered ${filtered} + out ${out}`;
  return { id: 'L2', lane, text };
}

function brokenInSinks(
  lane: number,
  { output, out, sinks }: OutputCounts,
  isPlanOnly: boolean,
  isClosed: boolean,
): BrokenIdentity | undefined {
  for (const { sink, given, acknowledged, failed } of sinks) {
    const name = `output ${output}, sink ${sink}`;
    if (isPlanOnly && given !== out) {
      return { id: 'L3', lane, text: `${name}: given ${given} ≠ out ${out}` };
    }
    const isAccounted = isClosed ? given === acknowledged + failed : given >= acknowledged + failed;
    if (isAccounted) continue;
    const sign = isClosed ? '≠' : '<';
    const text = `${name}: given ${given} ${sign} acknowledged ${acknowledged} + failed ${failed}`;
    return { id: 'L4', lane, text };
  }
  return undefined;
}
