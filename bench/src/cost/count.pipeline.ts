import { tap } from 'rxjs';
import { bpf, definePipeline } from 'sockflow';

/** A lane that reads all it is given and looks at none of it. */
export default definePipeline(
  (params: { readonly cgroup: string; readonly rtt: 'folded' | 'raw' }) => {
    let count = 0;
    return {
      source: bpf({ cgroup: params.cgroup, rtt: params.rtt, existing: 'off' }),
      events: (batches) =>
        batches.pipe(
          tap((batch) => {
            count += batch.size;
          }),
        ),
      sinks: [],
    };
  },
);
