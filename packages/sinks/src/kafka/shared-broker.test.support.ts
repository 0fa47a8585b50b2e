import { after } from 'node:test';

import {
  KafkaBroker,
  type KafkaBrokerOptions,
  requireKafka,
  type SkippableTest,
} from '@sockflow/test-support';

/**
 * One broker for all tests of a suite, started by the first that needs it. To be called where the suite is described.
 *
 * @returns the broker; `undefined` where none can be started, and the test is skipped.
 */
export function sharedBroker(
  options: KafkaBrokerOptions = {},
): (t: SkippableTest) => Promise<KafkaBroker | undefined> {
  const ends: (() => void | Promise<void>)[] = [];
  let started: Promise<KafkaBroker> | undefined;
  after(async () => {
    for (const end of ends) await end();
  });
  return async (t) => {
    if (!requireKafka(t)) return undefined;
    started ??= KafkaBroker.start({ after: (end) => ends.push(end) }, options);
    return started;
  };
}
