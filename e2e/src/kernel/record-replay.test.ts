import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { validateRecording } from '@sockflow/source-replay/validate';
import { useTempDir } from '@sockflow/test-support';
import { lastValueFrom, toArray } from 'rxjs';
import { type EventObject, fromReplay, toObjects } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { isClosed, ofOp } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

for (const lanes of [1, 2]) {
  test(`what is recorded in ${lanes === 1 ? 'one lane' : 'two lanes'} is replayed as it was seen live, field by field`, async (t) => {
    const scene = await KernelScene.use(t);
    if (scene === undefined) return;
    const dir = useTempDir(t);
    const recordingPath = join(dir, 'live.sfrec');
    const jsonPath = join(dir, 'live.ndjson');
    const live = await LiveRun.start(t, scene.cgroup, {
      lanes,
      ops: 'all',
      files: [recordingPath, jsonPath],
    });
    for (const host of [scene.b.ip4, scene.b.ip6]) {
      const listener = await scene.echo(host);
      for (let connections = 0; connections < 10; connections++) {
        const joined = await scene.join(listener, host);
        await joined.near.exchange(3, 2000);
        await scene.close(joined);
        await live.find('the end of the client', isClosed(joined.near));
        await live.find('the end of the server', isClosed(joined.far));
      }
    }
    const summary = await live.stop();
    assert.ok(live.events.length > 500, `${live.events.length} events`);
    const parts = readdirSync(dir).filter((name) => name.endsWith('.sfrec'));
    assert.equal(parts.length, lanes);
    const replayed = await lastValueFrom(fromReplay(recordingPath).pipe(toObjects(), toArray()));
    assert.deepEqual(byConnection(replayed), byConnection(live.events));
    const report = await validateRecording(recordingPath);
    assert.deepEqual(report.violations, [], 'rules of what the kernel gives');
    assert.equal(report.events, live.events.length);
    // The command reads the same, and JSON tells the same: of the recording and of the run.
    const text = readdirSync(dir)
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => readFileSync(join(dir, name), 'utf8'))
      .join('');
    const converted = join(dir, 'converted.ndjson');
    sockflowOk(['convert', recordingPath, converted]);
    assert.deepEqual(sortedLines(readFileSync(converted, 'utf8')), sortedLines(text));
    assert.equal(ofOp(live.events, 'TCP_CONNECT_CB').length, 20);
    assert.equal(summary.ledger.total.bad, 0);
  });
}

/** The order within a connection is the kernel's; across connections it may differ between lanes. */
function byConnection(events: readonly EventObject[]): Map<string, EventObject[]> {
  const connections = new Map<string, EventObject[]>();
  for (const event of events) {
    const key = `${event.netnsCookie}:${event.cookie}`;
    const own = connections.get(key);
    if (own === undefined) connections.set(key, [event]);
    else own.push(event);
  }
  return new Map([...connections].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function sortedLines(text: string): string[] {
  return text.trimEnd().split('\n').toSorted();
}
