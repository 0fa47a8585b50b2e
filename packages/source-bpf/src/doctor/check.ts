/** How much it matters, least first: `ok`; `note`, something optional is not there; `warning`, live capture works and something is missing or slow; `error`, it does not work. */
export const SEVERITIES = ['ok', 'note', 'warning', 'error'] as const;
/** One of them. */
export type Severity = (typeof SEVERITIES)[number];

/** What one check of the machine found. */
export interface Check {
  /** Stable: scripts may branch on it. */
  readonly id: string;
  readonly severity: Severity;
  /** One line. */
  readonly found: string;
  /** What to do about it, one line; what is `ok` has none. */
  readonly remedy?: string;
}

/** A check that found what it wanted. */
export function ok(id: string, found: string): Check {
  return { id, severity: 'ok', found };
}

/** A check that found something else. */
export function fault(
  id: string,
  severity: Exclude<Severity, 'ok'>,
  found: string,
  remedy?: string,
): Check {
  return remedy === undefined ? { id, severity, found } : { id, severity, found, remedy };
}
