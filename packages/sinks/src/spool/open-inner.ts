import { Backoff } from './backoff.ts';
import { errorText } from './error-text.ts';
import type { InnerEnd } from './inner-end.ts';
import type { Outage } from './outage.ts';
import type { StopSignal } from './stop-signal.ts';

/** A broker that has just come back may not know its topics yet. */
const REFUSAL_GRACE_MS = 10_000;

/** What opening asks of its lane. */
export interface OpenInnerParts {
  readonly inner: InnerEnd;
  readonly stop: StopSignal;
  readonly outage: Outage;
  readonly isRefusal: (error: unknown) => boolean;
  /** It could not be opened, and is tried again. */
  readonly onAttempt: () => void;
}

/**
 * Opens the inner end, again and again where what it fails with may pass.
 *
 * @returns whether it is open; not where the lane is over
 * @throws a refusal, during an outage only one that has lasted
 */
export async function openInner(parts: OpenInnerParts): Promise<boolean> {
  const { inner, stop, outage } = parts;
  const backoff = new Backoff();
  let refusedSinceMs: number | undefined;
  while (!stop.isStopped) {
    try {
      await stop.race(inner.open());
      return inner.isOpen;
    } catch (error) {
      if (parts.isRefusal(error)) {
        refusedSinceMs ??= performance.now();
        const isLate = performance.now() - refusedSinceMs > REFUSAL_GRACE_MS;
        if (!outage.isOn || isLate) throw error;
      }
      outage.begin(`cannot be opened: ${errorText(error)}`);
      parts.onAttempt();
    }
    await stop.sleep(backoff.next());
  }
  return false;
}
