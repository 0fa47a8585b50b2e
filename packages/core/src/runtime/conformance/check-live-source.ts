import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { LANE_COUNTERS, type LaneCounter, type SourceLedger } from '../../contracts/ledger.ts';
import type { OpenSource, Source } from '../../contracts/source.ts';
import type { LaneCounts, LedgerSnapshot } from '../ledger.ts';
import { findBrokenInSource, sourceDecrease } from '../source-identities.ts';
import { readLane, type LaneReading } from './read-lane.ts';
import { checkCutLeftovers } from './source-ends.ts';

/** How a live source is checked. */
export interface CheckLiveSourceOptions {
  /** Numbers of lanes; default 1 and 2. */
  readonly lanes?: readonly number[];
  /** Makes something happen that the source reports, each time its lanes are being read; default: it happens anyway. */
  readonly produce?: () => Promise<void> | void;
  /** How long it is read before it is stopped; default 200. */
  readonly readMs?: number;
  /** How long after it has stopped a lane may take to its end; default 2000. */
  readonly endWithinMs?: number;
}

/**
 * Reads a live source with all its lanes at once, stops it while they read, and looks at its part of the ledger. SO1 to SO4 and SO11 to SO15 of the other checks hold here as
 * well, as far as one reading shows them.
 *
 *   SO7   each lane comes to an end once the source has stopped, also one that is opened only then, and stays there
 *   SO8   it can be stopped, also without having been started, and closed without
 *   SO9   its counts never decrease, are settled once it has stopped or is closed, and stay as they are
 *   SO10  K1 and K2: what it submitted to a lane is what the lane was given
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkLiveSource(
  source: Source,
  options: CheckLiveSourceOptions = {},
): Promise<string[]> {
  const broken: string[] = [];
  for (const lanes of options.lanes ?? [1, 2]) {
    await guarded('SO1', broken, () => readUntilStopped(source, lanes, options, broken));
  }
  await guarded('SO7', broken, () => openAfterStop(source, options, broken));
  await guarded('SO8', broken, () => closeWithoutStop(source, broken));
  if (broken.length === 0) await guarded('SO15', broken, () => checkCutLeftovers(source, broken));
  return [...new Set(broken)];
}

async function guarded(rule: string, broken: string[], act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    broken.push(`${rule}: ${String(error)}`);
  }
}

async function readUntilStopped(
  source: Source,
  lanes: number,
  { produce, readMs = 200, endWithinMs = 2000 }: CheckLiveSourceOptions,
  broken: string[],
): Promise<void> {
  const opened = await source.open({ lanes, plans: [] });
  let last: SourceLedger | undefined;
  const look = (): void => {
    const ledger = opened.ledger?.();
    const text = sourceDecrease(last, ledger);
    if (text !== undefined) broken.push(`SO9: ${text}`);
    last = ledger;
  };
  try {
    let hasStopped = false;
    look();
    if (opened.stop === undefined) {
      broken.push('SO8: the opened source has no stop');
      return;
    }
    const readings: Promise<LaneReading>[] = [];
    const opens = Array.from({ length: lanes }, (_, lane) => {
      const how = { plan: [], isPushedDown: false, idleEndMs: endWithinMs, holdsSpans: true };
      const isEndDue = (): boolean => hasStopped;
      return new Promise<void>((onOpen) => {
        readings.push(readLane({ source, opened, lane, lanes, ...how, isEndDue, onOpen }));
      });
    });
    const reading = Promise.all(readings);
    const stopLater = async (): Promise<void> => {
      await Promise.race([Promise.all(opens), reading]);
      await opened.start?.();
      await produce?.();
      await sleep(readMs);
      look();
      await opened.stop?.();
      hasStopped = true;
    };
    const [, all] = await Promise.all([stopLater(), reading]);
    look();
    checkReadings(all, opened.ledger?.(), broken);
  } finally {
    await closeAndLook(opened, broken);
  }
  look();
}

function checkReadings(
  readings: readonly LaneReading[],
  ledger: SourceLedger | undefined,
  broken: string[],
): void {
  const where = `with ${readings.length} lanes`;
  const names = readings.flatMap(({ connections }) => [...connections.keys()]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  broken.push(...readings.flatMap((reading) => reading.broken));
  if (twice !== undefined) broken.push(`SO4: ${where} connection ${twice} is in two lanes`);
  if (names.length === 0) broken.push(`SO7: ${where} not one event was read: give \`produce\``);
  if (ledger === undefined) return;
  if (!ledger.isSettled) broken.push(`SO9: ${where} the counts are not settled after stop`);
  const counts = readings.map((reading) => ({ ...reading.counts, outputs: [] }));
  const all = readings.map(() => true);
  const identity = findBrokenInSource(snapshotOf(counts, ledger), all, false);
  if (identity === undefined) return;
  broken.push(`SO10: ${where}, lane ${identity.lane ?? 'any'}: ${identity.id}, ${identity.text}`);
}

/** What it counted at the end it tells after it is closed, too. */
async function closeAndLook(opened: OpenSource, broken: string[]): Promise<void> {
  const before = opened.ledger?.();
  await opened.close();
  const after = opened.ledger?.();
  if (after?.isSettled === false) broken.push('SO9: the counts are not settled after close');
  if (before?.isSettled === true && !isDeepStrictEqual(before, after)) {
    broken.push('SO9: the counts changed after they were settled');
  }
  try {
    await opened.close();
  } catch (error) {
    broken.push(`SO13: the source, closed a second time: ${String(error)}`);
  }
}

/** As where a run is stopped before its lanes have started. */
async function openAfterStop(
  source: Source,
  { endWithinMs = 2000 }: CheckLiveSourceOptions,
  broken: string[],
): Promise<void> {
  const opened = await source.open({ lanes: 1, plans: [] });
  try {
    await opened.stop?.();
    const reading = await readLane({
      source,
      opened,
      lane: 0,
      lanes: 1,
      plan: [],
      isPushedDown: false,
      idleEndMs: endWithinMs,
      isEndDue: () => true,
    });
    broken.push(...reading.broken);
  } finally {
    await opened.close();
  }
}

/** As where a run is aborted. */
async function closeWithoutStop(source: Source, broken: string[]): Promise<void> {
  const opened = await source.open({ lanes: 1, plans: [] });
  const laneData = structuredClone(opened.laneData(0));
  const counters = { add: () => {} };
  const lane = await source.openLane({ lane: 0, lanes: 1, laneData, plans: [], counters });
  lane.next();
  await lane.close();
  await closeAndLook(opened, broken);
}

/** Without sums: no identity of a source's part looks at them. */
function snapshotOf(lanes: readonly LaneCounts[], source: SourceLedger): LedgerSnapshot {
  const none = Object.fromEntries(LANE_COUNTERS.map((counter) => [counter, 0]));
  return { total: { ...(none as Record<LaneCounter, number>), outputs: [] }, lanes, source };
}
