import { LaneError } from '../errors.ts';
import type { LedgerSnapshot } from './ledger.ts';

/**
 * The error that ends a run whose sinks are closed and have lost events, though none of them threw: the books balance, and the output has a gap that nobody was told of.
 *
 * @returns ERR_SOCKFLOW_SINK_LOST of the first such sink; `undefined` where every sink accepted all that it was given
 */
export function sinkLosses(ledger: LedgerSnapshot): LaneError | undefined {
  for (const [lane, { outputs }] of ledger.lanes.entries()) {
    for (const { output, sinks } of outputs) {
      const losing = sinks.find(({ failed }) => failed > 0);
      if (losing === undefined) continue;
      const { sink, given, failed } = losing;
      return new LaneError(
        'ERR_SOCKFLOW_SINK_LOST',
        `lane ${lane}, output ${output}, sink ${sink} lost ${failed} of the ${given} events or values that it was given`,
        {
          details: { lane, output, sink, given, failed },
          remedy:
            'the output has a gap; a sink that loses something throws why: mend the sink, or report it where it is one of ours',
        },
      );
    }
  }
  return undefined;
}
