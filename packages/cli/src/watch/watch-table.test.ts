import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Role, TcpState } from '@sockflow/core';

import { MemoryOutput } from '../terminal/memory-terminal.test.support.ts';
import type { ConnectionRow, ConnectionsPage } from './watch-page.ts';
import { WatchTable } from './watch-table.ts';

const ROW: ConnectionRow = {
  local: '10.0.0.1:40000',
  remote: '10.0.0.2:443',
  role: Role.CLIENT,
  state: TcpState.ESTABLISHED,
  owner: 'curl[12]',
  rttUs: 1234,
  rttMinUs: 900,
  retransmits: 0,
  timeouts: 0,
  bytesIn: 5000,
  bytesOut: 0,
  error: 0,
  events: 10,
  eventsPerSec: 4,
  isClosed: false,
};

function page(lane: number, rows: readonly Partial<ConnectionRow>[], more = 0): ConnectionsPage {
  return {
    type: 'connections',
    lane,
    rows: rows.map((row) => ({ ...ROW, ...row })),
    connections: rows.length + more,
    forgotten: 0,
    events: 100,
    notShown: 0,
  };
}

function newTable(): WatchTable {
  return new WatchTable(new MemoryOutput().terminal, 'watch');
}

test('a table that is empty says whether there could be anything', () => {
  const table = newTable();
  assert.deepEqual(table.lines(6).slice(2), ['  no connection yet']);
  table.setLive();
  assert.deepEqual(table.lines(6).slice(2), ['  attached; no connection yet']);
});

test('the table is what each lane said last, the busiest first, within the screen', () => {
  const table = newTable();
  table.update(page(0, [{ local: 'a:1', eventsPerSec: 1 }]));
  table.update(
    page(0, [
      { local: 'b:1', eventsPerSec: 1 },
      { local: 'c:1', eventsPerSec: 0.5 },
    ]),
  );
  table.update(
    page(1, [
      { local: 'd:1', eventsPerSec: 9 },
      { local: 'e:1', eventsPerSec: 0.1 },
    ]),
  );
  const lines = table.lines(6);
  assert.equal(lines.length, 6);
  assert.match(lines[0] ?? '', /^watch {2}4 connections \(3 shown\) · 200 events {2}q quits$/);
  assert.deepEqual(
    lines.slice(3).map((line) => /([a-e]):1/.exec(line)?.[1]),
    ['d', 'b', 'c'],
  );
});

test('a row tells state, ends, owner, RTT and bytes; errors stand where the state was', () => {
  const table = newTable();
  table.update(
    page(0, [
      {},
      { local: '[fd00::1]:1', state: TcpState.CLOSE, error: 111, isClosed: true, role: 0 },
      { local: '0.0.0.0:80', remote: '', state: TcpState.LISTEN, rttUs: 0, bytesIn: 0 },
    ]),
  );
  const [, , , ...rows] = table.lines(24);
  assert.match(
    rows[0] ?? '',
    /^ +ESTAB +10\.0\.0\.1:40000 +→ +10\.0\.0\.2:443 +curl\[12\] +1\.2 ms +900 us +5\.00 kB +4\.0$/,
  );
  assert.match(rows[1] ?? '', /^ +LISTEN +0\.0\.0\.0:80 +curl/);
  assert.match(rows[2] ?? '', /^ +REFUSED +\[fd00::1\]:1 +- +/);
});

test('a name that would move the cursor does not', () => {
  const table = newTable();
  table.update(page(0, [{ owner: 'x\u001b[2J[1]' }]));
  assert.match(table.lines(24)[3] ?? '', / x\?\[2J\[1\] /);
});

test('at the end it says how many connections it does not show, and what was forgotten', () => {
  const table = newTable();
  table.update({ ...page(0, [{ events: 3 }, { events: 70 }], 5), forgotten: 2, notShown: 9 });
  const lines = table.finalLines(1);
  assert.match(lines[0] ?? '', /events$/);
  assert.match(lines[1] ?? '', / 70$/);
  assert.deepEqual(lines.slice(2), [
    '  6 more, with fewer events',
    '  2 were forgotten: there were too many',
    '  9 events of sockets that had closed before, in no connection',
  ]);
  assert.deepEqual(newTable().finalLines(1), ['  no connection was seen']);
});
