import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { type Batch, type EventObject, Kind, filterKind, filterPort } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';

import { ConnectionBook } from './connection-book.ts';
import type { ConnectionRow } from './watch-page.ts';

const FIXTURES = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
const REAL = join(FIXTURES, 'real.sfrec');
const CLOSED_MS = 3000;

async function eachBatch(take: (batch: Batch) => void, port?: number): Promise<void> {
  const batches = fromReplay(REAL).pipe(filterKind(Kind.OP));
  await (port === undefined ? batches : batches.pipe(filterPort(port))).forEach(take);
}

async function readAll(port?: number, maxConnections?: number): Promise<ConnectionBook> {
  const book = new ConnectionBook(0, 0, maxConnections);
  await eachBatch((batch) => book.add(batch, 1000), port);
  return book;
}

async function objects(): Promise<EventObject[]> {
  const all: EventObject[] = [];
  await eachBatch((batch) => all.push(...batch.toObjects()));
  return all;
}

/** What the events themselves say last of a connection's end. */
function lastOf(events: readonly EventObject[], cookie: bigint, field: keyof EventObject): unknown {
  return events.findLast((event) => event.cookie === cookie && event[field] !== undefined)?.[field];
}

test('a row has what its connection’s events said last', async () => {
  const events = await objects();
  const book = await readAll();
  const { rows, connections, events: count } = book.page(1000, 1000, true);
  const cookies = [...new Set(events.map(({ cookie }) => cookie))];
  assert.equal(connections, cookies.length);
  assert.equal(rows.length, cookies.length);
  assert.equal(count, events.length);
  const byEnds = new Map(rows.map((row) => [`${row.local} ${row.remote} ${row.events}`, row]));
  for (const cookie of cookies) {
    const own = events.filter((event) => event.cookie === cookie);
    const { localAddress, localPort, remoteAddress, remotePort, state } = own[0] as EventObject;
    const end = (address: string | undefined, port: number): string =>
      address?.includes(':') === true ? `[${address}]:${port}` : `${address}:${port}`;
    const remote = state === 'LISTEN' ? '' : end(remoteAddress, remotePort);
    const row = byEnds.get(`${end(localAddress, localPort)} ${remote} ${own.length}`);
    assert.ok(row !== undefined, `${localPort} ${remotePort}`);
    assert.equal(row.retransmits, lastOf(events, cookie, 'totalRetrans') ?? 0);
    assert.equal(row.bytesIn, lastOf(events, cookie, 'bytesReceived') ?? 0);
    assert.equal(row.bytesOut, lastOf(events, cookie, 'bytesAcked') ?? 0);
    assert.equal(row.timeouts, own.filter(({ op }) => op === 'RTO_CB').length);
    assert.equal(row.isClosed, own.at(-1)?.newState === 'CLOSE');
    const comm = lastOf(events, cookie, 'ownerComm');
    if (typeof comm === 'string') assert.match(row.owner, new RegExp(`^${comm}\\[\\d+\\]$`));
  }
});

test('rows come by activity, what is closed last, and it leaves after a while', async () => {
  const book = await readAll(8009);
  const open = (rows: readonly ConnectionRow[]): boolean[] => rows.map(({ isClosed }) => !isClosed);
  const { rows } = book.page(100, 2000, false);
  assert.ok(rows.length > 1);
  assert.deepEqual(
    open(rows),
    open(rows).toSorted((a, b) => Number(b) - Number(a)),
  );
  const later = book.page(100, 1000 + CLOSED_MS, false).rows;
  assert.deepEqual(
    later,
    later.filter(({ isClosed }) => !isClosed),
  );
  assert.equal(
    book.page(100, 1000 + CLOSED_MS, true).rows.length,
    rows.length,
    'at the end all are there',
  );
});

test('a rate is events over the time since the last page, and fades', async () => {
  const book = await readAll(8009);
  const [first] = book.page(1, 1000, true).rows;
  assert.ok(first !== undefined);
  const [busiest] = book.page(1, 2000, true).rows;
  assert.equal(busiest?.eventsPerSec, first.eventsPerSec / 2, 'nothing came in this second');
  assert.equal(first.eventsPerSec, first.events / 2, 'half of the rate of the last second');
});

test('of more connections than it may know the oldest closed ones are forgotten, and counted', async () => {
  const limit = 10;
  const all = (await readAll()).page(1000, 1000, true);
  const few = (await readAll(undefined, limit)).page(1000, 1000, true);
  assert.equal(few.connections, limit);
  assert.equal(few.events, all.events);
  // One that was forgotten and comes again is a new one.
  assert.ok(few.forgotten >= all.connections - limit, `${few.forgotten}`);
});
