import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';
import { type ConnectionRecord, fromReplay, scanConnections } from 'sockflow';

import { sockflowOk } from '../cli/sockflow-command.ts';
import { isClosed } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const RESETTERS = ['near', 'far', 'near', 'far'] as const;
const ENDS = RESETTERS.length * 2;

/** What `inspect --json` says, as far as these tests look at it. */
interface Inspected {
  readonly events: number;
  readonly connections: { readonly total: number; readonly closed: number };
  readonly mostEvents: readonly { readonly localPort: number }[];
}

function inspect(path: string): Inspected {
  return JSON.parse(sockflowOk(['inspect', path, '--json']).stdout) as Inspected;
}

test('a reset that is sent after the close revives no connection, in scanConnections and in inspect', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const dir = useTempDir(t);
  const recording = join(dir, 'live.sfrec');
  const live = await LiveRun.start(t, scene.cgroup, { ops: 'all', files: [recording] });
  const listener = await scene.echo();
  for (const resetter of RESETTERS) {
    const joined = await scene.join(listener);
    await joined.near.exchange(2, 100);
    await joined[resetter].reset();
    await joined[resetter === 'near' ? 'far' : 'near'].closed();
    await live.find('the end of the client', isClosed(joined.near));
    await live.find('the end of the server', isClosed(joined.far));
  }
  await live.stop();
  const late = live.events.filter(({ op, state }) => op === 'HDR_OPT_LEN_CB' && state === 'CLOSE');
  assert.equal(late.length, RESETTERS.length, 'each reset asks for options after the close');

  const scanned: ConnectionRecord<number>[] = [];
  await fromReplay(recording)
    .pipe(
      scanConnections(
        () => 0,
        (count) => count + 1,
        { emitOn: 'close' },
      ),
    )
    .forEach((record) => scanned.push(record));
  const closed = scanned.filter(({ end }) => end === 'closed');
  assert.equal(closed.length, ENDS);
  assert.equal(new Set(closed.map(({ cookie }) => cookie)).size, ENDS);
  // The listener is left.
  assert.deepEqual(
    scanned.map(({ end }) => end).filter((end) => end !== 'closed'),
    ['open'],
  );

  const { connections, mostEvents } = inspect(recording);
  assert.deepEqual([connections.total, connections.closed], [ENDS, ENDS]);
  assert.ok(mostEvents.every(({ localPort }) => localPort !== 0));

  // Where the close itself is not there, what came after it is no connection either.
  const after = join(dir, 'after.sfrec');
  const filters = ['--op', 'HDR_OPT_LEN_CB', '--state', 'CLOSE'];
  sockflowOk(['replay', recording, ...filters, '--sink', `file:${after}`]);
  const { events, connections: revived } = inspect(after);
  assert.deepEqual([events, revived.total], [RESETTERS.length, 0]);
});
