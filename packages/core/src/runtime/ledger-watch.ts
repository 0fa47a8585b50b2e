import { findBrokenIdentity, type BrokenIdentity } from './ledger-identities.ts';
import type { LaneCounts, LedgerSnapshot } from './ledger.ts';
import { sourceDecrease } from './source-identities.ts';

/**
 * Looks at snapshots while a run goes on: what must hold at the end of every turn, and that no counter goes back (L0c). It keeps the first fault it sees.
 */
export class LedgerWatch {
  readonly #isPlanOnly: readonly boolean[];
  #last: LedgerSnapshot | undefined;
  #broken: BrokenIdentity | undefined;

  constructor(isPlanOnly: readonly boolean[]) {
    this.#isPlanOnly = isPlanOnly;
    this.#last = undefined;
    this.#broken = undefined;
  }

  get broken(): BrokenIdentity | undefined {
    return this.#broken;
  }

  look(ledger: LedgerSnapshot): BrokenIdentity | undefined {
    this.#broken ??=
      this.#decreased(ledger) ??
      findBrokenIdentity(ledger, {
        exhaustedLanes: [],
        isSourceClosed: false,
        holdsTotal: false,
        areSinksClosed: false,
        isPlanOnly: this.#isPlanOnly,
      });
    this.#last = ledger;
    return this.#broken;
  }

  #decreased(ledger: LedgerSnapshot): BrokenIdentity | undefined {
    for (const [lane, counts] of ledger.lanes.entries()) {
      const last = this.#last?.lanes[lane];
      const text = last === undefined ? undefined : firstDecrease(last, counts);
      if (text !== undefined) return { id: 'L0c', lane, text };
    }
    const text = sourceDecrease(this.#last?.source, ledger.source);
    return text === undefined ? undefined : { id: 'L0c', lane: undefined, text };
  }
}

function firstDecrease(before: LaneCounts, after: LaneCounts): string | undefined {
  const old = namedCounts(before);
  for (const [name, count] of namedCounts(after)) {
    const last = old.get(name) ?? 0;
    if (count < last) return `${name} went from ${last} to ${count}`;
  }
  return undefined;
}

function namedCounts({ outputs, ...lane }: LaneCounts): Map<string, number> {
  const counts = new Map<string, number>(Object.entries(lane));
  for (const { output, sinks, ...own } of outputs) {
    for (const [name, count] of Object.entries(own)) counts.set(`output ${output}: ${name}`, count);
    for (const { sink, ...sinkCounts } of sinks) {
      for (const [name, count] of Object.entries(sinkCounts)) {
        counts.set(`output ${output}, sink ${sink}: ${name}`, count);
      }
    }
  }
  return counts;
}
