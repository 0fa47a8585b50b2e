import { file } from '@sockflow/sinks';
import { tap } from 'rxjs';
import { bpf, definePipeline } from 'sockflow';

import type { LatencyJob } from './latency-job.ts';
import { LatencyWatch } from './latency-watch.ts';
import { scheduledRing } from './scheduled-ring.ts';

/** After how long what a sink was given is in its file, at most: the default is a second. */
const FLUSH_AFTER_MS = 10;

/** A lane that takes the age of each event, and writes all of them to a recording. */
export default definePipeline((job: LatencyJob) => {
  const watch = new LatencyWatch(job);
  const source =
    job.ring === 'shared' ? scheduledRing(job) : bpf({ cgroup: job.cgroup, existing: 'off' });
  return {
    source: watch.source(source),
    events: (batches) => batches.pipe(tap((batch) => watch.delivered(batch))),
    sinks: [file(job.output, { flushAfterMs: FLUSH_AFTER_MS })],
  };
});
