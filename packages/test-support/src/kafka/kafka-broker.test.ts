import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaBroker } from './kafka-broker.ts';
import { requireKafka } from './require-kafka.ts';

test('a broker answers, and has what it had after it was killed and started again', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  broker.createTopic('events', 3);
  assert.deepEqual(broker.endOffsets('events'), [0, 0, 0]);
  await broker.stop('SIGKILL');
  assert.throws(() =>
    broker.tool('GetOffsetShell', ['--topic', 'events', '--command-config', '/nowhere']),
  );
  await broker.restart();
  assert.match(
    broker.tool('TopicCommand', ['--describe', '--topic', 'events']),
    /PartitionCount: 3/,
  );
});
