import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { openRecording } from '@sockflow/source-replay';
import { repairRecording } from '@sockflow/source-replay/repair';
import { useTempDir } from '@sockflow/test-support';

import { batchOf } from '../batch-of.test.support.ts';
import { eventMemory } from './event-memory.test.support.ts';
import type { FileOptions } from './file-settings.ts';
import { file } from './file.ts';

const ONE_LANE = { lane: 0, lanes: 1 };
const TIME = '20260101T000000.000Z';

/** What preparing a sink for a run warns of. */
async function toldBy(path: string, options: FileOptions, lanes: number = 1): Promise<string[]> {
  const told: string[] = [];
  await file(path, options).prepare?.({ lanes, warn: (text) => told.push(text) });
  return told;
}

test('unfinished parts of a series are told of once, by name, and stay; what is empty, complete or of another name is not', async (t) => {
  const dir = useTempDir(t);
  const names = ['a', 'b', 'c', 'd'].map(
    (_, index) => `out.2026010${index + 1}T000000.000Z.ndjson`,
  );
  for (const name of names) writeFileSync(join(dir, `${name}.part`), '1\n');
  writeFileSync(join(dir, `out.1.${TIME}.ndjson.part`), '1\n');
  writeFileSync(join(dir, `out.${TIME.replace('000Z', '009Z')}.ndjson.part`), '');
  writeFileSync(join(dir, `out.${TIME}.ndjson`), '1\n');
  writeFileSync(join(dir, 'out.ndjson.part'), '1\n');
  writeFileSync(join(dir, `other.${TIME}.ndjson.part`), '1\n');
  const before = readdirSync(dir);
  const [told = '', ...more] = await toldBy(join(dir, 'out.ndjson'), { rotateBytes: 100 }, 2);
  assert.deepEqual(more, []);
  assert.match(told, /out\.1\.2026.*, .*out\.20260101.* and 2 more were left unfinished/);
  assert.match(told, /readable as they are/);
  assert.doesNotMatch(told, /other/);
  assert.deepEqual(readdirSync(dir), before);
});

test('what a killed run left under the one name of a file is told of before it is written over', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.ndjson');
  assert.deepEqual(await toldBy(path, {}), []);
  writeFileSync(`${path}.part`, '1\n');
  const [told = ''] = await toldBy(path, {});
  assert.match(told, /out\.ndjson\.part was left unfinished .* writes over it: .*\{time\}/);
  assert.deepEqual(await toldBy(path, {}), [], 'it is gone');
});

test('a part that somebody still writes is not taken for a leftover', async (t) => {
  const dir = useTempDir(t);
  const part = join(dir, `out.${TIME}.ndjson.part`);
  writeFileSync(part, '1\n');
  const fd = openSync(part, 'a');
  try {
    assert.deepEqual(await toldBy(join(dir, 'out.ndjson'), { rotateBytes: 100 }), []);
  } finally {
    closeSync(fd);
  }
  assert.equal((await toldBy(join(dir, 'out.ndjson'), { rotateBytes: 100 })).length, 1);
});

test('the remedy for an unfinished recording of a series makes it a complete one', async (t) => {
  const dir = useTempDir(t);
  const writer = await file(join(dir, 'out.sfrec'), { rotateBytes: 100_000 }).open(ONE_LANE);
  await writer.write(batchOf(eventMemory(), [0, 0, 0]));
  await writer.close({ isComplete: false });
  const [told = ''] = await toldBy(join(dir, 'out.sfrec'), { rotateBytes: 100_000 });
  const [, path = ''] =
    /sockflow repair (\S+\.part) makes it a complete recording/.exec(told) ?? [];
  assert.ok(existsSync(path), told);
  const output = join(dir, 'repaired.sfrec');
  repairRecording(path, output);
  assert.deepEqual([openRecording(output).events, openRecording(output).damage], [3, []]);
});

test('a folder that cannot be read is told by what writes there, not by the search', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'none', 'out.ndjson');
  await assert.rejects(toldBy(path, { rotateBytes: 100 }), { code: 'ERR_SOCKFLOW_SINK_PATH' });
  mkdirSync(join(dir, 'none'));
  assert.deepEqual(await toldBy(path, { rotateBytes: 100 }), []);
});
