import type { OpenSource } from '@sockflow/core';
import type { AsyncCleanableTest } from '@sockflow/test-support';

import { kafkaSource } from './kafka-source.ts';
import { LaneReader } from './lane-reader.test.support.ts';
import type { KafkaSourceOptions } from './source-options.ts';

/** A source with one lane that reads in the test's thread, closed with the test. */
export interface OneLane {
  readonly reader: LaneReader;
  readonly opened: OpenSource;
  readonly note: (name: string) => number;
  readonly close: () => Promise<void>;
}

/** Opens it; the lane reads once it is started. */
export async function oneLane(
  t: AsyncCleanableTest,
  options: KafkaSourceOptions,
): Promise<OneLane> {
  const source = kafkaSource({ sessionTimeoutMs: 6000, commitEveryMs: 20, ...options });
  const opened = await source.open({ lanes: 1, plans: [] });
  const reader = await LaneReader.open(source, opened, 0, 1);
  const close = async (): Promise<void> => {
    await reader.close();
    await opened.close();
  };
  t.after(() => close().catch(() => {}));
  const note = (name: string): number => opened.ledger?.().notes[name] ?? 0;
  return { reader, opened, note, close };
}
