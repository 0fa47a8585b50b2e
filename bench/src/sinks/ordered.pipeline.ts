import { definePipeline, file, filterOp, Op, ordered, replay } from 'sockflow';

/** What a pass writes, and how. */
export interface OrderedParams {
  readonly recording: string;
  readonly out: string;
  readonly isOrdered: boolean;
  /** Everything, or losses only. */
  readonly what: 'all' | 'losses';
}

/** A recording as NDJSON of all fields, in parts of each lane or in one file in order of time. */
export default definePipeline(({ recording, out, isOrdered, what }: OrderedParams) => {
  const sink = file(out);
  return {
    source: replay(recording),
    events: (batches) =>
      what === 'all' ? batches : batches.pipe(filterOp(Op.RETRANS_CB, Op.RTO_CB)),
    sinks: [isOrdered ? ordered(sink) : sink],
  };
});
