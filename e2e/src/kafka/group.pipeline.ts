import {
  bpf,
  definePipeline,
  type KafkaSourceOptions,
  kafkaSource,
  loadSink,
  type PipelineDefinition,
  replay,
} from 'sockflow';

/** What `--param` gives: texts. */
interface Params {
  readonly source: 'bpf' | 'replay' | 'kafka';
  /** Of bpf: whose sockets. */
  readonly cgroup?: string;
  readonly recording?: string;
  readonly brokers?: string;
  readonly topic?: string;
  readonly group?: string;
  readonly name?: string;
  readonly until?: 'now';
  /** Where events go: file:out.ndjson; several with a space between. */
  readonly sinks: string;
}

/* One pipeline for the live kernel, a recording and a consumer group: what differs is where its events come from. */
async function groupPipeline(params: Params): Promise<PipelineDefinition> {
  return definePipeline({
    source: sourceOf(params),
    events: (batches) => batches,
    sinks: await Promise.all(params.sinks.split(' ').map((sink) => loadSink(sink))),
  });
}

function sourceOf(params: Params): PipelineDefinition['source'] {
  if (params.source === 'bpf') return bpf({ cgroup: params.cgroup ?? 'auto' });
  if (params.source === 'replay') return replay(params.recording ?? '');
  const { brokers = '', topic = '', group = '', name, until } = params;
  const options: KafkaSourceOptions = {
    brokers,
    topic,
    group,
    commitEveryMs: 200,
    // The shortest that brokers allow.
    sessionTimeoutMs: 6000,
    ...(name === undefined ? {} : { clientId: name }),
    ...(until === undefined ? {} : { until }),
  };
  return kafkaSource(options);
}

export default groupPipeline;
