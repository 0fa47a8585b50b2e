import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { bufferCount, delay, lastValueFrom, type Observable, of, take, tap, toArray } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { OpContext } from '../schema/generated/context-event.ts';
import type { EventObject } from '../schema/generated/view-types.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { SlotSpan } from '../slot/slot-span.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';
import { SELECTABLE_FIELDS } from './field-picker.ts';
import { filterOp } from './filter-op.ts';
import { fromSource } from './from-source.ts';
import { ORIGIN } from './random-events.test.helper.ts';
import { retain } from './retain.ts';
import { select, type SelectField } from './select.ts';
import { spanSource } from './span-source.test.helper.ts';
import { tcpOptions } from './tcp-options.ts';
import { toObjects } from './to-objects.ts';

const FIXTURE = new URL('../../../../fixtures/real-context.ndjson.gz', import.meta.url);

/** The real events as one span. */
function realSpan(): SlotSpan & { events: OpContext[] } {
  const events = gunzipSync(readFileSync(FIXTURE))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OpContext);
  const memory = SlotMemory.allocate(events.length * 320);
  let word = 0;
  for (const event of events) word += writeContextEvent(memory, word, event) / 4;
  const span: SlotSpan = {
    memory,
    startWord: 0,
    endWord: word,
    origin: ORIGIN,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
  return { ...span, events };
}

const REAL = realSpan();

function all<T>(operator: (source: Observable<Batch>) => Observable<T>): Promise<T[]> {
  const source = fromSource(spanSource([REAL]), { views: 'checked' });
  return lastValueFrom(operator(source).pipe(toArray()));
}

test('toObjects gives one object per event, with what the view has', async () => {
  const objects = await all(toObjects());
  assert.equal(objects.length, REAL.events.length);
  const listen = objects.find((object) => object.op === 'TCP_LISTEN_CB');
  assert.equal(listen?.state, 'LISTEN');
});

test('select gives just the fields named, as toObjects forms them, over every real event', async () => {
  const objects = await all(toObjects());
  const isRaw = (name: string): boolean => /^arg\d$/.test(name);
  const fields = [...SELECTABLE_FIELDS].filter((name) => !isRaw(name)) as SelectField[];
  const whole = (await all(select(...fields))) as Partial<EventObject>[];
  assert.deepEqual(whole, objects);
  const some = await all(select('op', 'tcpFlags', 'mrttUs', 'newState'));
  const keys = new Set(some.flatMap((object) => Object.keys(object)));
  assert.deepEqual([...keys].toSorted(), ['mrttUs', 'newState', 'op', 'tcpFlags']);
  some.forEach((object, index) => {
    const { op, tcpFlags, mrttUs, newState } = objects[index]!;
    const expected = { op, tcpFlags, mrttUs, newState };
    assert.deepEqual(object, JSON.parse(JSON.stringify(expected)));
  });
});

test('select gives raw arguments by name, of any op that has them', async () => {
  const objects = await all(select('op', 'arg0', 'arg1', 'newState'));
  const change = objects.find((object) => object.newState === 'ESTABLISHED');
  assert.deepEqual([change?.op, change?.arg0, change?.arg1], ['STATE_CB', 2, 1]);
});

test('tcpOptions reads the options of every captured header', async () => {
  const records = await all(tcpOptions());
  const withHeader = REAL.events.filter(
    (event) => event.tcp_header !== undefined && event.tcp_header !== '',
  );
  assert.equal(records.length, withHeader.length);
  const names = new Map<string, number>();
  for (const { options } of records) {
    for (const { name } of options) names.set(name, (names.get(name) ?? 0) + 1);
  }
  for (const name of ['MSS', 'WINDOW_SCALE', 'SACK_PERMITTED', 'TIMESTAMPS', 'NOP', 'EXPERIMENT']) {
    assert.ok(names.has(name), name);
  }
  assert.ok(!names.has('MALFORMED') && !names.has('UNKNOWN'), JSON.stringify([...names]));
  const syn =
    records.find((record) => record.op === 'PARSE_HDR_OPT_CB' && record.tcpFlags === 'SYN|ACK') ??
    records.find((record) => record.op === 'ACTIVE_ESTABLISHED_CB');
  const mss = syn?.options.find((option) => option.name === 'MSS');
  assert.equal(mss?.name === 'MSS' ? mss.mssBytes : undefined, 1460);
});

test('whoever takes a few values gets no more, and the source is closed', async () => {
  const log = { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  let made = 0;
  const values = fromSource(spanSource([REAL, REAL], { log })).pipe(
    toObjects(),
    tap(() => made++),
    take(3),
    toArray(),
  );
  assert.equal((await lastValueFrom(values)).length, 3);
  assert.equal(made, 3);
});

test('a batch held by a plain operator throws the named error, and retain mends it', async () => {
  const held = (source: Observable<Batch>): Observable<number> =>
    source.pipe(
      bufferCount(10),
      delay(1),
      tap(([batch]) => batch?.toObjects()),
    ) as Observable<unknown> as Observable<number>;
  await assert.rejects(all(held), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
  assert.equal((await all((source) => held(source.pipe(retain())))).length, 1);
});

test('an error in an operator of ours goes to the subscriber', async () => {
  const kept: Batch[] = [];
  const source = fromSource(spanSource([REAL])).pipe(
    filterOp(12),
    tap((batch) => kept.push(batch)),
  );
  await lastValueFrom(source);
  // Dead by now: what reads it throws inside of toObjects.
  const dead = of(kept[0] as Batch);
  await assert.rejects(lastValueFrom(dead.pipe(toObjects())), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
  await assert.rejects(lastValueFrom(dead.pipe(select('op'))), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
  await assert.rejects(lastValueFrom(dead.pipe(tcpOptions())), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
});

test('select refuses a name that events do not have', () => {
  assert.throws(
    () => select('op', 'tsUs' as 'tsNs'),
    (error: Error & { code: string }) =>
      error.code === 'ERR_SOCKFLOW_INVALID_OPTION' && error.message.endsWith('["tsUs"]'),
  );
  assert.throws(() => select(), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
});
