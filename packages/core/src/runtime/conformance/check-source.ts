import { isDeepStrictEqual } from 'node:util';

import type { Plan } from '../../contracts/filter.ts';
import type { Source } from '../../contracts/source.ts';
import { Op } from '../../schema/op.ts';
import { readLane, type LaneReading } from './read-lane.ts';
import { checkCloses, checkHeldBack, checkSourceLeftovers } from './source-ends.ts';

/** How a source is checked. */
export interface CheckSourceOptions {
  /** Numbers of lanes to compare; default 1, 2 and 3. */
  readonly lanes?: readonly number[];
  /** Plans to compare with push-down and without; default: one for each of a few ops. */
  readonly plans?: readonly Plan[];
  /** So long without anything to read is an error; default 2000. */
  readonly idleEndMs?: number;
}

const DEFAULT_PLANS: readonly Plan[] = [
  [{ type: 'op', ops: [Op.STATE_CB] }],
  [{ type: 'op', ops: [Op.RTT_CB, Op.RETRANS_CB] }],
  [
    { type: 'op', ops: [Op.STATE_CB] },
    { type: 'port', end: 'either', ports: [443] },
  ],
];

/**
 * Reads a source that ends in several ways and compares.
 *
 *   SO1   laneData crosses threads; the source closes; closed before its first event, a lane closes too
 *   SO2   spans lie in their memory, start on a cache line, have an origin and an end time
 *   SO3   a span holds what it says it may: markers, other lanes' slots
 *   SO4   any number of lanes is given the same events of each connection, in the same order, and each loss marker once
 *   SO5   with push-down or without, a plan keeps the same events
 *   SO6   where totalBytes is given: recorded = read + skipped + bad over all lanes
 *   SO7   it comes to an end, and stays there
 *   SO11  no event is older than the end time of a span before it
 *   SO12  what a lane was given stays as it was while the lane is held back, and what it does not ask for does not pile up
 *   SO13  a lane's end and the source close while they wait and a second time
 *   SO15  read to its end or cut short, it leaves no descriptor, no timer, nothing else that is open, and no memory
 *
 * SO8 to SO10 are those of checkLiveSource, SO14 that of checkFailingSource, SO16 to SO18 those of checkCommittingSource.
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkSource(
  source: Source,
  options: CheckSourceOptions = {},
): Promise<string[]> {
  const { lanes = [1, 2, 3], plans = DEFAULT_PLANS, idleEndMs = 2000 } = options;
  const broken: string[] = [];
  const whole = await readAll(
    source,
    { lanes: 1, plan: [], isPushedDown: false, idleEndMs, holdsSpans: true },
    broken,
  );
  for (const count of lanes) {
    const how = { lanes: count, plan: [], isPushedDown: true, idleEndMs };
    compare('SO4', `with ${count} lanes`, whole, await readAll(source, how, broken), broken);
  }
  for (const [index, plan] of plans.entries()) {
    for (const count of lanes) {
      const how = { lanes: count, plan, idleEndMs };
      const without = await readAll(source, { ...how, isPushedDown: false }, broken);
      const pushed = await readAll(source, { ...how, isPushedDown: true }, broken);
      compare('SO5', `plan ${index} pushed down, ${count} lanes`, without, pushed, broken);
    }
  }
  if (broken.length > 0) return [...new Set(broken)];
  try {
    await checkCloses(source, broken);
    await checkHeldBack(source, broken);
    await checkSourceLeftovers(source, idleEndMs, broken);
  } catch (error) {
    broken.push(`SO1: ${String(error)}`);
  }
  return [...new Set(broken)];
}

interface Reading {
  readonly connections: ReadonlyMap<string, readonly string[]>;
  readonly losses: readonly string[];
}

interface How {
  readonly lanes: number;
  readonly plan: Plan;
  readonly isPushedDown: boolean;
  readonly idleEndMs: number;
  readonly holdsSpans?: boolean;
}

async function readAll(source: Source, how: How, broken: string[]): Promise<Reading> {
  const opened = await source.open({ lanes: how.lanes, plans: [] });
  const readings: LaneReading[] = [];
  try {
    for (let lane = 0; lane < how.lanes; lane++) {
      readings.push(await readLane({ source, opened, lane, ...how }));
    }
  } catch (error) {
    broken.push(`SO1: ${String(error)}`);
  } finally {
    await opened.close();
  }
  broken.push(...readings.flatMap((reading) => reading.broken));
  if (opened.totalBytes !== undefined) checkRecorded(readings, broken);
  return merge(readings, broken);
}

function checkRecorded(readings: readonly LaneReading[], broken: string[]): void {
  const sum = (counter: 'recorded' | 'read' | 'skipped' | 'bad'): number =>
    readings.reduce((total, { counts }) => total + counts[counter], 0);
  const [recorded, read, skipped, bad] = [sum('recorded'), sum('read'), sum('skipped'), sum('bad')];
  if (recorded === read + skipped + bad) return;
  broken.push(
    `SO6: with ${readings.length} lanes recorded ${recorded} ≠ read ${read} + skipped ${skipped} + bad ${bad}`,
  );
}

function merge(readings: readonly LaneReading[], broken: string[]): Reading {
  const connections = new Map<string, readonly string[]>();
  for (const reading of readings) {
    for (const [name, digests] of reading.connections) {
      if (connections.has(name)) broken.push(`SO4: connection ${name} is in two lanes`);
      connections.set(name, digests);
    }
  }
  return { connections, losses: readings.flatMap(({ losses }) => losses).toSorted() };
}

function compare(
  rule: string,
  how: string,
  expected: Reading,
  found: Reading,
  broken: string[],
): void {
  for (const name of new Set([...expected.connections.keys(), ...found.connections.keys()])) {
    const before = expected.connections.get(name) ?? [];
    const after = found.connections.get(name) ?? [];
    if (isDeepStrictEqual(before, after)) continue;
    const what =
      before.length === after.length ? 'other events or another order' : `${after.length} events`;
    broken.push(`${rule}: ${how}: connection ${name} has ${what} instead of ${before.length}`);
    return;
  }
  if (!isDeepStrictEqual(expected.losses, found.losses)) {
    broken.push(
      `${rule}: ${how}: ${found.losses.length} loss markers instead of ${expected.losses.length}, or others`,
    );
  }
}
