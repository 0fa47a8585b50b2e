import type { Sink } from '../../contracts/sink.ts';
import { findLeftovers, LEFTOVER_ROUNDS } from './leftovers.ts';
import { driveSink, type ReadBackContext } from './sink-drive.ts';
import { checkSinkFailures } from './sink-failures.ts';
import { checkSinkPressure } from './sink-pressure.ts';

/** How a sink is checked. */
export interface CheckSinkOptions {
  /** What a sink of values is given; default: events as objects. */
  readonly values?: readonly unknown[];
  /** Batches or values in each lane; default 20. */
  readonly inputs?: number;
  /**
   * What lies at the destination of one lane, in its order: of each event its `tsNs`, of each of `values` the value. Asked after `flush`, after `close` and after a
   * second one; `undefined` where it cannot be seen then. Markers are not among them. Without it, nobody looks whether what was acknowledged is there (SI10).
   */
  readonly readBack?: (at: ReadBackContext) => Promise<readonly unknown[] | undefined>;
  /** Breaks the destination while the sink writes: removes the folder, closes the peer. Done last. Without it, only a value that cannot be read goes wrong (SI8). */
  readonly breaks?: () => Promise<void> | void;
  /** Bytes of memory that may wait inside the sink (SI9), Infinity for one that keeps everything; default 4 MiB. */
  readonly maxHeldBytes?: number;
}

const DEFAULT_HELD_BYTES = 4 * 1024 * 1024;
/** What a round may leave in caches that are not full yet; its input is more. */
const KEPT_BYTES_A_ROUND = 64 * 1024;
const LEFTOVER_INPUTS = 40;

/**
 * Drives a sink as two lanes would, several times, prepared and opened anew each time: what it writes goes where it writes.
 *
 *   SI1   prepare, open, write, flush and close settle
 *   SI2   acknowledged and failed never go back, and are together at most what was given
 *   SI3   after flush everything given is acknowledged or failed, and after close still
 *   SI4   what it is given stays as it was, and is not read after write has returned
 *   SI5   a lane that was given nothing closes as well
 *   SI6   prepared and opened again, it is closed as not complete, as by a run that has failed, and SI3 holds as well
 *   SI7   closed a second time it settles, and everything is as it was
 *   SI8   where something goes wrong in the middle, it is told, the sink closes, and SI3 holds as well
 *   SI9   what it takes without asking for time does not pile up in it
 *   SI10  after flush and after close all that was given lies there, once, in its order; of a batch just what was selected
 *   SI11  a run leaves no descriptor, no timer, nothing else that is open, and no memory
 *   SI12  of a sink that collects: `collect` settles once both lanes have closed
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkSink(sink: Sink, options: CheckSinkOptions = {}): Promise<string[]> {
  const broken: string[] = [];
  const { values, readBack, breaks, inputs = 20, maxHeldBytes = DEFAULT_HELD_BYTES } = options;
  const how = { values, readBack, inputs };
  const complete = { ...how, rules: { busy: 'SI3', idle: 'SI5' }, isComplete: true };
  const failed = { ...how, rules: { busy: 'SI6', idle: 'SI6' }, isComplete: false };
  const isKeeper = maxHeldBytes === Infinity;
  try {
    await driveSink(sink, complete, broken);
    await driveSink(sink, failed, broken);
    if (broken.length === 0) {
      if (!isKeeper) await checkSinkPressure(sink, values, maxHeldBytes, broken);
      await checkLeftovers(sink, { ...complete, readBack: undefined }, isKeeper, broken);
    }
    await checkSinkFailures(sink, breaks, broken);
  } catch (error) {
    broken.push(`SI1: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return [...new Set(broken)];
}

async function checkLeftovers(
  sink: Sink,
  how: Parameters<typeof driveSink>[1],
  isKeeper: boolean,
  broken: string[],
): Promise<void> {
  const round = (): Promise<void> => driveSink(sink, { ...how, inputs: LEFTOVER_INPUTS }, []);
  const left = await findLeftovers(round, {
    maxKeptBytes: isKeeper ? Infinity : KEPT_BYTES_A_ROUND,
  });
  broken.push(...left.map((text) => `SI11: ${LEFTOVER_ROUNDS} runs left ${text}`));
}
