import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaBroker, requireKafka } from '@sockflow/test-support';

import { REAL_RECORDING, sockflowOk } from '../cli/sockflow-command.ts';
import { assertDelivered, eventsOf, spooledIn } from './outage-events.ts';
import { countsOf, outageOf, runIntoOutage } from './outage-run.ts';

/** Some blocks: the run is in the middle of what it spools. */
const ENOUGH_EVENTS = 3000;

test('a broker that is killed', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);

  await t.test(
    'and then the process, with a spool on disk: the next start delivers what lies there',
    async (sub) => {
      const outage = outageOf(sub, broker, 'both-killed');
      const { recording, directory } = outage;
      const run = await runIntoOutage(outage, `spool=${directory}&spool-close=110s`);
      await run.until(() => spooledIn(directory).length >= ENOUGH_EVENTS);
      run.child.kill('SIGKILL');
      assert.equal((await run.ended()).signal, 'SIGKILL');
      const left = spooledIn(directory);
      await broker.restart();
      const sink = outage.sink(`spool=${directory}`);
      const { stdout, stderr } = sockflowOk(['replay', REAL_RECORDING, '--sink', sink, '--json']);
      const more = eventsOf(REAL_RECORDING);
      assert.equal(countsOf(stdout).acknowledged, more.length);
      assert.match(stderr, new RegExp(`${left.length} events that an earlier run left`));
      // Before the kill came what the spool does not hold: the beginning of the recording.
      const all = eventsOf(recording);
      const last = left.at(-1)?.text;
      const known = all.slice(0, all.findLastIndex(({ text }) => text === last) + 1);
      assert.ok(known.length >= left.length);
      const twice = assertDelivered(broker, 'both-killed', [...known, ...more]);
      sub.diagnostic(`${left.length} events lay there, ${twice} came twice`);
      assert.deepEqual(spooledIn(directory), []);
    },
  );

  await t.test('without a spool a recording waits for it, and loses nothing', async (sub) => {
    const outage = outageOf(sub, broker, 'no-spool');
    const { recording } = outage;
    const expected = eventsOf(recording);
    const run = await runIntoOutage(outage, 'in-flight=512KiB');
    await broker.restart();
    const { status, stdout, stderr } = await run.ended();
    assert.equal(status, 0, stderr);
    const { given, acknowledged, failed } = countsOf(stdout);
    assert.deepEqual([given, acknowledged, failed], [expected.length, expected.length, 0]);
    const twice = assertDelivered(broker, 'no-spool', expected);
    sub.diagnostic(`${expected.length} events, ${twice} came twice`);
  });
});
