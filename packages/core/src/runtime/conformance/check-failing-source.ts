import { setTimeout as sleep } from 'node:timers/promises';

import type { OpenSource, Source } from '../../contracts/source.ts';
import { isSockflowError } from '../../errors.ts';
import { readLane } from './read-lane.ts';

/** How a source that fails is checked. */
export interface CheckFailingSourceOptions {
  /** Numbers of lanes; default 1 and 2. */
  readonly lanes?: readonly number[];
  /** So long without events, an end or an error is an error; default 2000. */
  readonly failsWithinMs?: number;
}

/** What became of one reading. */
interface Outcome {
  /** The first error that anything gave, as a code or a message. */
  readonly error: string | undefined;
  readonly events: number;
}

/**
 * Reads a source that goes wrong in the middle, damaged or cut off, with all its lanes at once.
 *
 *   SO14  the error is told, once its lanes have given what they could: by `next`, `wait`, or the source's `close`; each lane closes, the source closes; asked again
 *         it is the same error after the same events
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkFailingSource(
  source: Source,
  options: CheckFailingSourceOptions = {},
): Promise<string[]> {
  const { lanes = [1, 2], failsWithinMs = 2000 } = options;
  const broken: string[] = [];
  for (const count of lanes) {
    const first = await readToFailure(source, count, failsWithinMs, broken);
    const second = await readToFailure(source, count, failsWithinMs, broken);
    const where = `with ${count} lanes`;
    if (first.error === undefined) {
      broken.push(`SO14: ${where} it gave ${first.events} events and no error`);
    }
    if (first.error !== second.error || first.events !== second.events) {
      broken.push(`SO14: ${where} ${textOf(first)}, and the second time ${textOf(second)}`);
    }
  }
  return [...new Set(broken)];
}

function textOf({ error, events }: Outcome): string {
  return `${error ?? 'no error'} after ${events} events`;
}

async function readToFailure(
  source: Source,
  lanes: number,
  failsWithinMs: number,
  broken: string[],
): Promise<Outcome> {
  const errors: string[] = [];
  const opened = await tried(errors, () => source.open({ lanes, plans: [] }));
  if (opened === undefined) return { error: errors[0], events: 0 };
  let events = 0;
  const onEvents = (more: number): void => {
    events += more;
  };
  const readings = await tried(errors, async () => {
    await opened.start?.();
    return Promise.allSettled(
      Array.from({ length: lanes }, (_, lane) =>
        readLane({
          source,
          opened,
          lane,
          lanes,
          plan: [],
          isPushedDown: false,
          idleEndMs: failsWithinMs,
          onEvents,
        }),
      ),
    );
  });
  for (const reading of readings ?? []) {
    if (reading.status === 'rejected') {
      errors.push(nameOf(reading.reason));
      continue;
    }
    broken.push(...reading.value.broken.map((text) => text.replace(/^SO7: /, 'SO14: ')));
  }
  if (!(await closes(opened, errors, failsWithinMs))) {
    broken.push(`SO14: after the error the source does not close within ${failsWithinMs} ms`);
  }
  return { error: errors[0], events };
}

/** Whether it closes, with an error or without. */
async function closes(opened: OpenSource, errors: string[], withinMs: number): Promise<boolean> {
  const closing = tried(errors, async () => {
    await opened.close();
    return true;
  });
  const abort = new AbortController();
  const late = sleep(withinMs, 'late' as const, { signal: abort.signal }).catch(() => undefined);
  const first = await Promise.race([closing, late]);
  abort.abort();
  return first !== 'late';
}

async function tried<T>(errors: string[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    errors.push(nameOf(error));
    return undefined;
  }
}

function nameOf(error: unknown): string {
  return isSockflowError(error) ? error.code : String(error);
}
