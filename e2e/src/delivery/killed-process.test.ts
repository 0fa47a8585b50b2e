import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { until, useTempDir } from '@sockflow/test-support';

import { sockflowOk, startSockflow } from '../cli/sockflow-command.ts';
import { CONNECTIONS, type DeliveredLine, EVENTS_OF_EACH } from './committing.pipeline.ts';

const PIPELINE = fileURLToPath(new URL('./committing.pipeline.js', import.meta.url));
const EVENTS = CONNECTIONS * EVENTS_OF_EACH;

function delivered(dir: string, name: string): DeliveredLine[] {
  const path = join(dir, name);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DeliveredLine);
}

test('a killed process loses no event, and the states of the connections that were open', async (t) => {
  const dir = useTempDir(t);
  const args = ['run', PIPELINE, '--param', `dir=${dir}`];
  const child = startSockflow(args);
  t.after(() => child.kill('SIGKILL'));
  await until('a third delivered', () => delivered(dir, 'events').length > EVENTS / 3, 90_000);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const before = delivered(dir, 'events');
  const closedBefore = new Set(delivered(dir, 'connections').map(([cookie]) => cookie));
  assert.ok(before.length < EVENTS, 'it was killed in the middle');
  sockflowOk(args);

  const events = delivered(dir, 'events');
  const texts = new Set(events.map(String));
  assert.equal(texts.size, EVENTS, 'every event is there');
  const twice = events.length - EVENTS;
  // What was not committed is read again: at most what a look's interval and a turn had given by then, and that is little of all.
  assert.ok(twice < EVENTS / 4, `${twice} events are there twice`);

  const states = new Map<number, number>();
  // One that had closed in events that were read again is told of a second time, by what is left of it.
  for (const [cookie, count] of delivered(dir, 'connections')) {
    states.set(cookie, Math.max(count, states.get(cookie) ?? 0));
  }
  assert.equal(states.size, CONNECTIONS, 'every connection is told of');
  const open = new Set(before.map(([cookie]) => cookie).filter((own) => !closedBefore.has(own)));
  assert.ok(open.size > 0, 'some were open when it was killed');
  let forgotten = 0;
  for (const [cookie, count] of states) {
    if (open.has(cookie)) forgotten += EVENTS_OF_EACH - count;
    else assert.equal(count, EVENTS_OF_EACH, `connection ${cookie} was not open then`);
  }
  assert.ok(forgotten > 0, 'what committed events had come to is gone with the process');
});
