import type { RuleId } from './rules.ts';

/** What a check found: words for people. */
export interface Finding {
  readonly rule: RuleId;
  readonly expected: string;
  readonly found: string;
}

/** One event that breaks a rule. */
export interface Violation extends Finding {
  /** The rule in words. */
  readonly text: string;
  /** Number of the event among all that were checked, from 0. */
  readonly eventIndex: number;
  readonly op: string;
  readonly originId: string;
  readonly netnsCookie: string;
  readonly cookie: string;
}

/** What was checked and what was found. */
export interface ValidationReport {
  readonly events: number;
  /** Slots that are not op events: not checked. */
  readonly otherSlots: number;
  /** Sockets seen, listeners included. */
  readonly sockets: number;
  /** Sockets that had not ended when the events did. */
  readonly openSockets: number;
  /** Events that broke a rule. */
  readonly violationCount: number;
  readonly countsByRule: Readonly<Partial<Record<RuleId, number>>>;
  /** The first of them. */
  readonly violations: readonly Violation[];
}
