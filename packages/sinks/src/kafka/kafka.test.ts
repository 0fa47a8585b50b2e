import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import type { Sink, SinkWriter } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { KafkaBroker, requireKafka, useTempDir } from '@sockflow/test-support';

import { realRecording } from '../real-recording.test.support.ts';
import { writeTo } from '../write-to.ts';
import { kafka } from './kafka.ts';

describe('a topic', () => {
  test('gets every event once, also where the broker dies meanwhile and comes back', async (t) => {
    if (!requireKafka(t)) return;
    const recording = join(useTempDir(t), 'real.sfrec');
    const events = realRecording(recording);
    const broker = await KafkaBroker.start(t);
    broker.createTopic('events', 4);
    const sink = kafka({ brokers: broker.address, topic: 'events' });
    await sink.prepare?.({ lanes: 1 });
    const writer = await sink.open({ lane: 0, lanes: 1 });
    // The same writer for each pass, closed by us.
    const kept: Sink = { ...nameOf(sink), open: () => ({ ...openEnd(writer) }) };
    await writeTo(fromReplay(recording), kept);
    assert.equal(writer.acknowledged, events);
    assert.equal(sum(broker.endOffsets('events')), events);

    await broker.stop('SIGKILL');
    const written = writeTo(fromReplay(recording), kept);
    await broker.restart();
    await written;
    await writer.close();
    assert.equal(writer.acknowledged, 2 * events);
    assert.equal(sum(broker.endOffsets('events')), 2 * events);
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function nameOf({ name, accepts }: Sink): Pick<Sink, 'name' | 'accepts'> {
  return { name, accepts };
}

function openEnd(writer: SinkWriter): SinkWriter {
  return {
    write: (input) => writer.write(input),
    flush: () => writer.flush(),
    close: () => ({}),
    acknowledged: 0,
    failed: 0,
  };
}
