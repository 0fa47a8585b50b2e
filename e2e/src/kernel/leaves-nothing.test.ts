import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { command, until } from '@sockflow/test-support';

import { isClosed } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const KINDS = ['prog', 'map', 'link'] as const;

/** The kernel's programs, maps and links that this process has descriptors of. */
function heldByUs(): string[] {
  return readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    const info = tryRead(`/proc/self/fdinfo/${fd}`);
    return [...info.matchAll(/^(prog|map|link)_id:\s*(\d+)$/gm)].map(
      ([, what, id]) => `${what} ${id}`,
    );
  });
}

/** A descriptor may be closed meanwhile, the folder's own one is. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** All that there are in the kernel, whoever's. */
function allObjects(): Set<string> {
  const shown = KINDS.flatMap((what) => {
    const objects = JSON.parse(command('bpftool', '-j', what, 'show') || '[]') as { id: number }[];
    return objects.map(({ id }) => `${what} ${id}`);
  });
  return new Set(shown);
}

test('a run that has ended leaves no program, map or link of ours in the kernel', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  assert.deepEqual(heldByUs(), []);
  const live = await LiveRun.start(t, scene.cgroup, { lanes: 2, ops: 'all', existing: 'auto' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(3, 100);
  const held = heldByUs();
  for (const what of KINDS) {
    assert.ok(
      held.some((one) => one.startsWith(`${what} `)),
      `${what} of ${held.join(', ')}`,
    );
  }
  await scene.close(joined);
  await live.find('the end', isClosed(joined.near));
  await live.stop();
  assert.deepEqual(heldByUs(), []);
  // The kernel frees what nobody holds in its own time, and mapped memory holds its map until the buffers over it are collected.
  await until('all of it to be gone', () => {
    collectGarbage();
    const left = allObjects();
    return held.every((one) => !left.has(one));
  });
});
