import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { type Batch, filterOp, Op, type Sink, type SinkWriter, SlotMemory } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';
import { concat, from, map, mergeMap, of, take, throwError } from 'rxjs';

import { batchOf } from './batch-of.test.support.ts';
import { jsonValue } from './encodings/json-value.ts';
import { file } from './file/file.ts';
import { memory } from './memory/memory.ts';
import { realRecording } from './real-recording.test.support.ts';
import { writeTo } from './write-to.ts';

/** A sink that takes a while for each write, and says how many writes overlapped. */
function slowSink(): Sink & { inputs: number; done: number; overlaps: number; closed: number } {
  const sink = {
    name: 'slow',
    accepts: 'both' as const,
    inputs: 0,
    done: 0,
    overlaps: 0,
    closed: 0,
    open: (): SinkWriter => {
      let isBusy = false;
      return {
        acknowledged: 0,
        failed: 0,
        write: async () => {
          if (isBusy) sink.overlaps++;
          isBusy = true;
          sink.inputs++;
          await new Promise((resolve) => {
            setTimeout(resolve, 1);
          });
          isBusy = false;
          sink.done++;
        },
        flush: () => {},
        close: () => {
          sink.closed++;
          return {};
        },
      };
    },
  };
  return sink;
}

test('a recording read in-process is written into a recording and into NDJSON: the same events', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'in.sfrec');
  const count = realRecording(path);
  const report = await writeTo(fromReplay(path), file(join(dir, 'out.sfrec')));
  assert.deepEqual(
    [report.given, report.acknowledged, report.failed, report.location],
    [count, count, 0, join(dir, 'out.sfrec')],
  );
  const [before, after] = [memory(), memory()];
  await writeTo(fromReplay(path), before);
  await writeTo(fromReplay(join(dir, 'out.sfrec')), after);
  assert.equal(after.events.length, count);
  assert.deepEqual(after.events, before.events);
  await writeTo(
    fromReplay(path).pipe(filterOp(Op.RTT_CB)),
    file(join(dir, 'rtt.ndjson'), { fields: ['op', 'mrttUs'] }),
  );
  const lines = readFileSync(join(dir, 'rtt.ndjson'), 'utf8').trimEnd().split('\n');
  const expected = before.events.filter(({ op }) => op === 'RTT_CB');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as object),
    expected.map(({ op, mrttUs }) => ({ op, mrttUs })),
  );
});

test('a value given to a recording is refused', async (t) => {
  const sink = file(join(useTempDir(t), 'out.sfrec'));
  await assert.rejects(async () => writeTo(of({ a: 1 }), sink), {
    code: 'ERR_SOCKFLOW_SINK_INPUT',
  });
});

test('a source of ours waits for a slow sink, and a plain Observable is queued: writes never overlap', async (t) => {
  const path = join(useTempDir(t), 'in.sfrec');
  realRecording(path);
  const sink = slowSink();
  let read = 0;
  let mostAhead = 0;
  const sizes = fromReplay(path).pipe(
    map((batch) => {
      mostAhead = Math.max(mostAhead, ++read - sink.done);
      return batch.size;
    }),
  );
  await writeTo(sizes, sink);
  assert.ok(sink.done > 5);
  assert.deepEqual([mostAhead, sink.overlaps], [1, 0]);
  const plain = slowSink();
  await writeTo(from([1, undefined, 3, 4, 5]), plain);
  assert.deepEqual([plain.inputs, plain.overlaps], [5, 0]);
});

test('when the source fails what it gave is kept as NAME.part beside an earlier output, the sink is closed and the error thrown', async (t) => {
  const dir = useTempDir(t);
  const failing = concat(
    of(1, 2),
    throwError(() => new Error('the source broke')),
  );
  await writeTo(of('earlier'), file(join(dir, 'out.ndjson')));
  await assert.rejects(async () => writeTo(failing, file(join(dir, 'out.ndjson'))), {
    message: 'the source broke',
  });
  assert.equal(readFileSync(join(dir, 'out.ndjson.part'), 'utf8'), '1\n2\n');
  assert.equal(readFileSync(join(dir, 'out.ndjson'), 'utf8'), '"earlier"\n');
  const sink = slowSink();
  await assert.rejects(async () => writeTo(failing, sink), { message: 'the source broke' });
  assert.deepEqual([sink.inputs, sink.closed], [2, 1]);
});

test('memory keeps what fits and refuses more, until it is cleared', async () => {
  const memoryOfEvents = SlotMemory.allocate(256);
  memoryOfEvents.u32[2] = 1;
  const sink = memory<Batch | number>({ maxItems: 3 });
  await writeTo(of(batchOf(memoryOfEvents, [0, 0]), 7), sink);
  assert.equal(sink.events.length, 2);
  assert.equal(sink.events[0]?.op, 'VOID');
  assert.deepEqual(sink.values, [7]);
  await assert.rejects(async () => writeTo(of(8), sink), { code: 'ERR_SOCKFLOW_SINK_FULL' });
  sink.clear();
  const report = await writeTo(of(8), sink);
  assert.deepEqual(sink.values, [8]);
  assert.equal(report.acknowledged, 1);
});

test('views in values that wait for a slow sink show their own events when they are written', async (t) => {
  const path = join(useTempDir(t), 'in.sfrec');
  realRecording(path);
  const first = () => fromReplay(path, { views: 'reused' }).pipe(take(1));
  const expected: unknown[] = [];
  await writeTo(first().pipe(mergeMap((batch) => batch.toObjects())), collecting(expected));
  const written: unknown[] = [];
  await writeTo(
    first().pipe(
      mergeMap(function* (batch) {
        for (const event of batch) yield { deep: [new Map([['event', event]])] };
      }),
    ),
    collecting(written),
  );
  assert.ok(expected.length > 5);
  const text = (values: unknown[]): string => JSON.stringify(values, jsonValue);
  assert.equal(text(written), text(expected.map((event) => ({ deep: [{ event }] }))));
});

/** Takes its time for each value, which it copies when it is given it. */
function collecting(values: unknown[]): Sink {
  const writer: SinkWriter = {
    write: async (value) => {
      values.push(JSON.parse(JSON.stringify(value, jsonValue)));
      await Promise.resolve();
    },
    flush: () => {},
    close: () => ({}),
    acknowledged: 0,
    failed: 0,
  };
  return { name: 'collecting', accepts: 'values', open: () => writer };
}
