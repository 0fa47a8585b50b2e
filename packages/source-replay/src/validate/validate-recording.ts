import { setImmediate as nextTurn } from 'node:timers/promises';

import { SOURCE_END, SOURCE_IDLE } from '@sockflow/core';

import { replay } from '../replay/replay.ts';
import { EventValidator, type ValidateOptions } from './event-validator.ts';
import type { ValidationReport } from './report.ts';

const IDLE_MS = 10;

/**
 * Checks all events of a recording, block by block.
 *
 * @throws what opening a recording throws, and ERR_SOCKFLOW_RECORDING_DAMAGED at its end where blocks are damaged
 */
export async function validateRecording(
  path: string | readonly string[],
  options: ValidateOptions = {},
): Promise<ValidationReport> {
  const validator = new EventValidator(options);
  const source = replay(path);
  const opened = await source.open({ lanes: 1, plans: [] });
  try {
    const lane = await source.openLane({
      lane: 0,
      lanes: 1,
      laneData: opened.laneData(0),
      plans: [],
      counters: { add: () => undefined },
    });
    try {
      for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
        if (span === SOURCE_IDLE) {
          await lane.wait(IDLE_MS);
        } else {
          validator.check(span);
          await nextTurn();
        }
      }
    } finally {
      await lane.close();
    }
  } finally {
    await opened.close();
  }
  return validator.report();
}
