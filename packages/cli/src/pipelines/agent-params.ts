import type { FieldChoice } from '@sockflow/sinks';
import type { BpfOptions } from '@sockflow/source-bpf';
import type { KafkaSourceOptions } from '@sockflow/source-kafka';
import type { ReplaySpeed } from '@sockflow/source-replay';

import type { FilterSet } from '../options/filter-set.ts';

/** Where the events of a config file without a module come from. */
export type AgentSource =
  | { readonly live: BpfOptions }
  | { readonly kafka: KafkaSourceOptions }
  | { readonly recordings: readonly string[]; readonly speed: ReplaySpeed };

/** What such a config file says; crosses threads by structured clone. */
export interface AgentParams {
  readonly source: AgentSource;
  readonly filters: FilterSet;
  readonly sinks: readonly string[];
  readonly fields?: readonly FieldChoice[] | undefined;
}

/** Where the pipeline module lies that runs it. */
export const AGENT_PIPELINE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './agent.pipeline.ts' : './agent.pipeline.js',
  import.meta.url,
);
