import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { validateRecording } from '@sockflow/source-replay/validate';
import { useTempDir } from '@sockflow/test-support';
import type { EventObject, Marker } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { contentsOf } from './contents-of.ts';
import { isClosed, ofOp } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { type LiveOptions, LiveRun } from './live-run.ts';

const CONNECTIONS = 10;

const EVERY_OP: LiveOptions = { ops: 'all', existing: 'off' };
/** As a user gets it who asks for nothing: RTT folded, connections taken in. */
const ORDINARY: LiveOptions = { existing: 'auto', rttIntervalMs: 20 };

for (const [what, options, lanes] of [
  ['every op, in one lane', EVERY_OP, 1],
  ['every op, in two lanes', EVERY_OP, 2],
  ['the ordinary ops, summaries and snapshots, in two lanes', ORDINARY, 2],
] as const) {
  test(`${what}: what is recorded is replayed as it was seen live, field by field`, async (t) => {
    const scene = await KernelScene.use(t);
    if (scene === undefined) return;
    const dir = useTempDir(t);
    const recordingPath = join(dir, 'live.sfrec');
    const isOrdinary = options === ORDINARY;
    const before = isOrdinary ? await scene.join(await scene.echo()) : undefined;
    await before?.near.exchange(3, 2000);
    const files = [recordingPath, join(dir, 'live.ndjson')];
    const live = await LiveRun.start(t, scene.cgroup, { ...options, lanes, files });
    await makeConnections(scene, live);
    if (before !== undefined) {
      await scene.close(before);
      await live.find('the end of what was there before', isClosed(before.near));
    }
    const { ledger } = await live.stop();
    assert.equal(ledger.total.bad, 0);
    assert.equal(ofOp(live.events, 'TCP_CONNECT_CB').length, 2 * CONNECTIONS);
    if (isOrdinary) {
      for (const kind of ['RTT_SUMMARY', 'SNAPSHOT']) {
        assert.ok(
          live.events.some((event) => event.kind === kind),
          kind,
        );
      }
    }

    const replayed = await contentsOf(recordingPath);
    assert.deepEqual(byConnection(replayed.events), byConnection(live.events));
    assert.deepEqual(sortedMarkers(replayed.markers), sortedMarkers(live.markers));
    assert.ok(live.markers.length >= lanes, 'the clocks of each lane');
    assertSameLines(dir, recordingPath);
    if (!isOrdinary) {
      const report = await validateRecording(recordingPath);
      assert.deepEqual(report.violations, [], 'rules of what the kernel gives');
    }
  });
}

async function makeConnections(scene: KernelScene, live: LiveRun): Promise<void> {
  for (const host of [scene.b.ip4, scene.b.ip6]) {
    const listener = await scene.echo(host);
    for (let connections = 0; connections < CONNECTIONS; connections++) {
      const joined = await scene.join(listener, host);
      await joined.near.exchange(3, 2000);
      await scene.close(joined);
      await live.find('the end of the client', isClosed(joined.near));
      await live.find('the end of the server', isClosed(joined.far));
    }
  }
}

/** The command reads the recording too, and its JSON is that of the run. */
function assertSameLines(dir: string, recordingPath: string): void {
  const written = readdirSync(dir)
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => readFileSync(join(dir, name), 'utf8'));
  const converted = join(dir, 'converted.ndjson');
  sockflowOk(['convert', recordingPath, converted]);
  const lines = readFileSync(converted, 'utf8');
  assert.deepEqual(sortedLines(lines), sortedLines(written.join('')));
}

/** Where a marker stood in its batch is no matter. */
function sortedMarkers(markers: readonly Marker[]): string[] {
  const jsonOf = (marker: Marker): string =>
    JSON.stringify({ ...marker, beforeIndex: 0 }, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
  return markers.map(jsonOf).toSorted();
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
