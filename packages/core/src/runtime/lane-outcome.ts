import type { LaneReport } from './lane-report.ts';
import type { LaneOutcome } from './lane-task.ts';
import { fromWireError, toWireError } from './wire-error.ts';

/** A lane's report as data that crosses threads. */
export function toLaneOutcome({ failure, ...report }: LaneReport): LaneOutcome {
  const { isSourceExhausted, sinks, evictedConnections, emitted } = report;
  return {
    failure:
      failure === undefined
        ? undefined
        : { place: failure.place, cause: toWireError(failure.cause) },
    isSourceExhausted,
    sinks,
    evictedConnections,
    emitted,
  };
}

/** The report again, on the main thread. */
export function fromLaneOutcome(lane: number, outcome: LaneOutcome): LaneReport {
  const { failure, ...rest } = outcome;
  return {
    lane,
    ...rest,
    failure:
      failure === undefined
        ? undefined
        : { place: failure.place, cause: fromWireError(failure.cause) },
  };
}
