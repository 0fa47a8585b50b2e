import { bpf, type BpfOptions } from 'sockflow';
import { definePipeline, file, memory, ordered, type Sink } from 'sockflow';

/** What a live run of a test asks for. */
export interface LiveParams {
  readonly source: BpfOptions;
  /** Files that get the same events: `.sfrec`, `.ndjson`. */
  readonly files: readonly string[];
  /** Files that get them from all lanes, in order of time. */
  readonly orderedFiles?: readonly string[];
}

/** Everything that the kernel gives, to the test's memory, and to files beside it. */
export default definePipeline(({ source, files, orderedFiles = [] }: LiveParams) => ({
  source: bpf(source),
  events: (batches) => batches,
  sinks: [
    memory(),
    ...files.map((path) => file(path)),
    ...orderedFiles.map((path) => ordered(file(path))),
  ] satisfies Sink[],
}));
