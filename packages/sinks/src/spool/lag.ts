const MIN_LAG_MS = 200;
/** A sink that acknowledges nothing for so long is asked to flush. */
const ASK_AFTER_MS = 500;

/** How a lane stands to its inner sink, at a moment. */
export interface LagView {
  /** Since the inner sink has last acknowledged something, or was given the first of what it has. */
  readonly quietMs: number;
  /** How long somebody has waited for a place; `undefined` where nobody does. */
  readonly waitedMs: number | undefined;
  /** Whether something is left to give. */
  readonly hasDue: boolean;
  readonly lagAfterMs: number;
}

/** Whether it is to be asked what it has: it may say so only then. */
export function isAskDue({ quietMs, waitedMs, hasDue, lagAfterMs }: LagView): boolean {
  const isQuiet = quietMs > Math.min(Math.max(lagAfterMs, MIN_LAG_MS) / 2, ASK_AFTER_MS);
  return isQuiet || (waitedMs !== undefined && !hasDue);
}

/** Whether it does not keep up. */
export function isLagging({ quietMs, waitedMs, lagAfterMs }: LagView): boolean {
  return quietMs > Math.max(lagAfterMs, MIN_LAG_MS) || (waitedMs ?? 0) > lagAfterMs;
}
