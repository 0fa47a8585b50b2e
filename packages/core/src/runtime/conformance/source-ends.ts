import { setTimeout as sleep } from 'node:timers/promises';

import {
  SOURCE_IDLE,
  type LaneSource,
  type OpenSource,
  type Source,
} from '../../contracts/source.ts';
import { findLeftovers, heldBytes, LEFTOVER_ROUNDS } from './leftovers.ts';
import { readLane } from './read-lane.ts';

const WAIT_MS = 20;
const HELD_BACK_MS = 100;
const KEPT_BYTES_A_ROUND = 64 * 1024;
/** A lane that is held back may be read ahead for, but not without an end. */
const MAX_AHEAD_BYTES = 16 * 1024 * 1024;
const CLOSE_WITHIN_MS = 5000;

interface Ends {
  readonly opened: OpenSource;
  readonly lane: LaneSource;
}

async function openEnds(source: Source): Promise<Ends> {
  const opened = await source.open({ lanes: 1, plans: [] });
  const laneData = structuredClone(opened.laneData(0));
  const counters = { add: () => {} };
  const lane = await source.openLane({ lane: 0, lanes: 1, laneData, plans: [], counters });
  return { opened, lane };
}

/** SO1 and SO13: closed before its first event, while it waits, and twice. */
export async function checkCloses(source: Source, broken: string[]): Promise<void> {
  const { opened, lane } = await openEnds(source);
  try {
    await lane.close();
    await opened.close();
  } catch (error) {
    broken.push(`SO1: closed before its first event: ${String(error)}`);
  }
  await again('the lane', () => lane.close(), broken);
  await again('the source', () => opened.close(), broken);
  await closeInWait(source, broken);
}

async function again(what: string, close: () => Promise<void>, broken: string[]): Promise<void> {
  try {
    await close();
  } catch (error) {
    broken.push(`SO13: ${what}, closed a second time: ${String(error)}`);
  }
}

/** A lane is closed while it waits where the run is aborted. */
async function closeInWait(source: Source, broken: string[]): Promise<void> {
  const { opened, lane } = await openEnds(source);
  const closing = (async () => {
    const isIdle = lane.next() === SOURCE_IDLE;
    const waiting = isIdle ? lane.wait(WAIT_MS).catch(() => {}) : undefined;
    await lane.close();
    await waiting;
    await opened.close();
  })();
  const late = new AbortController();
  const first = await Promise.race([
    closing.then(
      () => 'closed' as const,
      (error: unknown) => String(error),
    ),
    sleep(CLOSE_WITHIN_MS, 'late' as const, { signal: late.signal }).catch(() => 'late' as const),
  ]);
  late.abort();
  if (first === 'closed') return;
  const text = first === 'late' ? `not within ${CLOSE_WITHIN_MS} ms` : first;
  broken.push(`SO13: closed while it waits: ${text}`);
}

/** SO12: what is not asked for does not pile up. */
export async function checkHeldBack(source: Source, broken: string[]): Promise<void> {
  const { opened, lane } = await openEnds(source);
  try {
    if (lane.next() === SOURCE_IDLE) await lane.wait(WAIT_MS);
    const before = heldBytes();
    await sleep(HELD_BACK_MS);
    const ahead = heldBytes() - before;
    if (ahead <= MAX_AHEAD_BYTES) return;
    broken.push(`SO12: held back for ${HELD_BACK_MS} ms it read ${ahead} bytes ahead`);
  } finally {
    await lane.close();
    await opened.close();
  }
}

/** SO15: read to its end, or closed in the middle. */
export async function checkSourceLeftovers(
  source: Source,
  idleEndMs: number,
  broken: string[],
): Promise<void> {
  const whole = async (): Promise<void> => {
    const opened = await source.open({ lanes: 1, plans: [] });
    const how = { plan: [], isPushedDown: false, idleEndMs };
    await readLane({ source, opened, lane: 0, lanes: 1, ...how });
    await opened.close();
  };
  if (!(await leavesNothing('read', whole, broken))) return;
  await checkCutLeftovers(source, broken);
}

/** SO15 of a source that is closed while there is more. */
export async function checkCutLeftovers(source: Source, broken: string[]): Promise<void> {
  const cut = async (): Promise<void> => {
    const { opened, lane } = await openEnds(source);
    lane.next();
    await lane.close();
    await opened.close();
  };
  await leavesNothing('cut', cut, broken);
}

async function leavesNothing(
  what: string,
  round: () => Promise<void>,
  broken: string[],
): Promise<boolean> {
  const left = await findLeftovers(round, { maxKeptBytes: KEPT_BYTES_A_ROUND });
  broken.push(...left.map((text) => `SO15: ${what} ${LEFTOVER_ROUNDS} times it left ${text}`));
  return left.length === 0;
}
