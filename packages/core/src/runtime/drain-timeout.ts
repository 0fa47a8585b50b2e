import { LaneError } from '../errors.ts';
import type { LedgerSnapshot } from './ledger.ts';

/** What one sink of one lane was given and had not acknowledged when the time was over. */
interface GivenUp {
  readonly lane: number;
  readonly output: string;
  readonly sink: string;
  readonly given: number;
  readonly failed: number;
}

/** So many sinks are named; the others are in the details. */
const MAX_NAMED = 3;

/** The error of a run that had not ended within the time that it had for it. */
export function drainTimeout(
  ledger: LedgerSnapshot,
  timeoutMs: number,
  cause?: unknown,
): LaneError {
  const sinks = givenUpOf(ledger);
  const what =
    sinks.length === 0
      ? 'what the sinks were given is acknowledged, but the run did not come to its end'
      : sinks
          .slice(0, MAX_NAMED)
          .map(
            ({ lane, output, sink, given, failed }) =>
              `lane ${lane}, output ${output}, sink ${sink} had not acknowledged ${failed} of the ${given} events or values that it was given`,
          )
          .concat(sinks.length > MAX_NAMED ? [`${sinks.length - MAX_NAMED} more sinks`] : [])
          .join('; ');
  return new LaneError(
    'ERR_SOCKFLOW_DRAIN_TIMEOUT',
    `${timeoutMs / 1000} s after it was asked to end the run was given up: ${what}`,
    {
      details: { drainTimeoutMs: timeoutMs, sinks },
      remedy:
        'See what is waited for (a broker or disk that is gone), or give it longer: drainTimeoutMs, --drain-timeout',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function givenUpOf({ lanes }: LedgerSnapshot): GivenUp[] {
  return lanes.flatMap(({ outputs }, lane) =>
    outputs.flatMap(({ output, sinks }) =>
      sinks
        .filter(({ failed }) => failed > 0)
        .map(({ sink, given, failed }) => ({ lane, output, sink, given, failed })),
    ),
  );
}
