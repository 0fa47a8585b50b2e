import {
  Kind,
  type LaneSource,
  type OpenSource,
  type PlanFilter,
  type Source,
  type SourceContext,
  type SourceLaneContext,
} from '@sockflow/core';

import { openLane } from './lane/open-lane.ts';
import { openBpf } from './open/open-bpf.ts';
import type { BpfSettings } from './options/check-bpf-options.ts';
import { describePushDown } from './push-down/describe-push-down.ts';

/** The kernel as a source; see `bpf`. */
export class BpfSource implements Source {
  readonly name: string;
  readonly reportedOps: readonly number[] | undefined;
  readonly reportedKinds: readonly number[];
  readonly isLive = true;
  readonly #settings: BpfSettings;

  constructor(settings: BpfSettings) {
    this.name = `bpf(${settings.cgroup})`;
    this.reportedOps = settings.asked.reportedOps;
    this.reportedKinds = kindsOf(settings);
    this.#settings = settings;
  }

  describePushDown(filter: PlanFilter): string | undefined {
    return this.#settings.isPushedDown ? describePushDown(filter) : undefined;
  }

  async open(context: SourceContext): Promise<OpenSource> {
    return openBpf(this.#settings, context);
  }

  async openLane(context: SourceLaneContext): Promise<LaneSource> {
    return openLane(this.name, context);
  }
}

function kindsOf({ asked, existing }: BpfSettings): number[] {
  return [
    Kind.OP,
    ...(asked.rtt === 'folded' ? [Kind.RTT_SUMMARY] : []),
    ...(existing === 'off' ? [] : [Kind.SNAPSHOT]),
  ];
}
