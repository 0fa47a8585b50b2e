import { allocationCase } from './cost/allocation.ts';
import { applicationCase } from './cost/application.ts';
import { idleCase } from './cost/idle.ts';
import { kernelPlots } from './cost/kernel-plots.ts';
import { paceCase } from './cost/pace.ts';
import { programCase } from './cost/program.ts';
import { usage } from './cost/usage.ts';
import { withPlots } from './cost/with-plots.ts';
import { everyFieldCase, everyFieldFoldCase, fiveFieldsCase } from './decode/decode-fields.ts';
import { memoryBandwidthCase } from './decode/memory-bandwidth.ts';
import { filterCases } from './filter/suite.ts';
import type { BenchCase } from './harness/bench-case.ts';
import { KAFKA_CASES } from './kafka/kafka-cases.ts';
import {
  filterByHandCase,
  filterFormatsCase,
  formatsCase,
  slotLoopsCase,
} from './peers/ts/ts-cases.ts';
import { countSurvivorsCase } from './pipeline/count-survivors.ts';
import { batchSize } from './pipeline/sweeps/batch-size.ts';
import { lanes } from './pipeline/sweeps/lanes.ts';
import { operators } from './pipeline/sweeps/operators.ts';
import { recordCount } from './pipeline/sweeps/record-count.ts';
import { selectivity } from './pipeline/sweeps/selectivity.ts';
import { twoLanesCase } from './pipeline/two-lanes.ts';
import { betweenThreadsCase } from './ring/between-threads.ts';
import { copiedCase, drainCase } from './ring/drain.ts';
import { latency } from './ring/latency/latency.ts';
import { liveCase } from './ring/live.ts';
import { postMessageCase } from './ring/post-message.ts';
import { compressionPlot } from './sinks/compression-plot.ts';
import { compressCase } from './sinks/compression.ts';
import { copiesCase } from './sinks/copies.ts';
import { csvCase } from './sinks/csv.ts';
import { flatMemoryCase } from './sinks/flat-memory.ts';
import { msgpackCase } from './sinks/msgpack.ts';
import { ndjsonCase } from './sinks/ndjson.ts';
import { orderedCase } from './sinks/ordered.ts';
import { readCase } from './sinks/read.ts';
import { rotateCase } from './sinks/rotation.ts';
import { timeRangeCase } from './sinks/time-range.ts';
import { generateCase, writeCase } from './sinks/write.ts';

/** All there are, in the order of a whole run: those of a suite together. */
export const BENCH_CASES: readonly BenchCase[] = [
  ...filterCases,
  filterByHandCase,
  filterFormatsCase,

  memoryBandwidthCase,
  fiveFieldsCase,
  everyFieldCase,
  everyFieldFoldCase,
  slotLoopsCase,
  formatsCase,

  betweenThreadsCase,
  postMessageCase,
  drainCase,
  copiedCase,
  liveCase,
  latency,

  countSurvivorsCase,
  twoLanesCase,
  selectivity,
  batchSize,
  recordCount,
  lanes,
  operators,

  copiesCase,
  ndjsonCase,
  csvCase,
  msgpackCase,
  orderedCase,
  writeCase,
  generateCase,
  readCase,
  rotateCase,
  compressCase,
  compressionPlot,
  timeRangeCase,
  flatMemoryCase,

  ...KAFKA_CASES,

  withPlots(programCase, kernelPlots),
  withPlots(applicationCase, kernelPlots),
  idleCase,
  allocationCase,
  usage,
  paceCase,
];
