import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { KafkaBroker, requireKafka } from '@sockflow/test-support';

import { REAL_RECORDING, sockflowOk } from '../cli/sockflow-command.ts';
import { assertDelivered, eventsInBlocks, eventsOf, spooledIn } from './outage-events.ts';
import { countsOf, outageOf, runIntoOutage } from './outage-run.ts';

/** As many as held.pipeline.ts lets through before it holds. */
const BLOCKS_BEFORE = 8;

test('a broker that is killed', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);

  await t.test(
    'and comes back while the run goes on: the lane has read on, and the topic holds every event, in order',
    async (sub) => {
      const outage = outageOf(sub, broker, 'comes-back');
      const { recording, directory } = outage;
      const expected = eventsOf(recording);
      const run = await runIntoOutage(outage, `spool=${directory}&spool-close=110s`);
      // Nobody is there, and all of the recording is read.
      const due = expected.length - eventsInBlocks(recording, BLOCKS_BEFORE);
      await run.until(() => spooledIn(directory).length >= due);
      await broker.restart();
      const { status, stdout, stderr } = await run.ended();
      assert.equal(status, 0, stderr);
      const { given, acknowledged, failed, spooled } = countsOf(stdout);
      assert.deepEqual([given, acknowledged, failed], [expected.length, expected.length, 0]);
      assert.ok(spooled >= due, `${spooled} spooled`);
      assert.match(stderr, /kafka\(comes-back\) takes events again/);
      const twice = assertDelivered(broker, 'comes-back', expected);
      sub.diagnostic(`${expected.length} events, ${spooled} by way of the spool, ${twice} twice`);
      assert.equal(existsSync(join(directory, 'lane-0')), false);
    },
  );

  await t.test(
    'for good: the run ends well with its spool on disk, and the next start delivers it, in two lanes too',
    async (sub) => {
      const outage = outageOf(sub, broker, 'for-good');
      const { recording, directory } = outage;
      const expected = eventsOf(recording);
      const run = await runIntoOutage(outage, `spool=${directory}&spool-close=500ms`);
      const { status, stdout, stderr } = await run.ended();
      assert.equal(status, 0, stderr);
      const { given, acknowledged, failed } = countsOf(stdout);
      assert.deepEqual([given, acknowledged, failed], [expected.length, expected.length, 0]);
      const left = spooledIn(directory).length;
      assert.match(
        stdout,
        new RegExp(
          `${left} events for kafka.for-good. lie in .*spool: the next start delivers them`,
        ),
      );
      await broker.restart();
      const sink = outage.sink(`spool=${directory}`);
      const next = sockflowOk(['replay', REAL_RECORDING, '--lanes', '2', '--sink', sink, '--json']);
      const more = eventsOf(REAL_RECORDING);
      assert.equal(countsOf(next.stdout).acknowledged, more.length);
      const twice = assertDelivered(broker, 'for-good', [...expected, ...more]);
      sub.diagnostic(`${left} events delivered by the next start, ${twice} twice`);
      assert.deepEqual(spooledIn(directory), []);
    },
  );
});
