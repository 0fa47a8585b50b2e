import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { extensionOf, hasPlaceholders, PartNames } from './part-names.ts';
import { removeOldParts } from './retention.ts';
import { SeriesParts } from './take-part.ts';

const AT_MS = Date.UTC(2026, 10, 24, 9, 42, 33, 7);
const AT = '20261124T094233.007Z';

test('the time of a part stands before the extension, the lane before it where there are several', () => {
  const key = { lane: 3, timeMs: AT_MS, n: 12 };
  const names = [
    ['a/out.ndjson', 1, `a/out.${AT}.ndjson`],
    ['a/out.ndjson', 4, `a/out.3.${AT}.ndjson`],
    ['out.context.ndjson.gz', 4, `out.3.${AT}.context.ndjson.gz`],
    ['{time}.ndjson', 1, `${AT}.ndjson`],
    ['{time}-of-{lane}.ndjson', 4, `${AT}-of-3.ndjson`],
    ['out-{n}.ndjson', 1, 'out-000012.ndjson'],
    ['out-{n}.ndjson', 4, 'out-000012.3.ndjson'],
  ] as const;
  for (const [path, lanes, expected] of names) {
    const extension = extensionOf(path, ['.context.ndjson', '.ndjson']);
    const series = new PartNames(path, extension, lanes);
    assert.equal(series.pathOf(key), expected);
    const read = series.read(expected.replace('a/', ''));
    assert.ok(read !== undefined, expected);
    assert.equal(read.n, path.includes('{n}') ? 12 : 0);
  }
});

test('what merely looks like a part is none', () => {
  const names = new PartNames('out.ndjson', '.ndjson', 1);
  for (const name of [
    'out.ndjson',
    'out.0.ndjson',
    `out.${AT}.ndjson.part`,
    `out.${AT}.ndjson.bak`,
    `an-out.${AT}.ndjson`,
    `out.0.${AT}.ndjson`,
    `outX${AT}.ndjson`,
  ]) {
    assert.equal(names.read(name), undefined, name);
  }
});

test('a name that would be the same for each part, or has what is no placeholder, is refused', () => {
  assert.equal(hasPlaceholders('out.ndjson'), false);
  assert.equal(hasPlaceholders('out-{time}.ndjson'), true);
  assert.throws(() => hasPlaceholders('out.{lane}.ndjson'), {
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    remedy: /\{time\} or \{n\}/,
  });
  assert.throws(() => hasPlaceholders('{time}/out.ndjson'), { message: /in a folder/ });
  assert.throws(() => hasPlaceholders('{n}-{n}.ndjson'), { message: /one twice/ });
  assert.throws(() => hasPlaceholders('{tiem}.ndjson'), { remedy: /Did you mean 'time'/ });
});

function take(parts: SeriesParts): string {
  const { path, fd } = parts.take();
  closeSync(fd);
  return path.slice(path.lastIndexOf('/') + 1);
}

test('each part has a later name, also when the clock stands still or is set back, and never one that was there', (t) => {
  const dir = useTempDir(t);
  writeFileSync(join(dir, `out.${AT}.ndjson`), 'complete');
  writeFileSync(join(dir, 'out.20261124T094233.008Z.ndjson.part'), 'not complete');
  const times = [AT_MS, AT_MS, AT_MS - 60_000];
  const parts = new SeriesParts(
    new PartNames(join(dir, 'out.ndjson'), '.ndjson', 1),
    0,
    () => times.shift() ?? 0,
  );
  assert.deepEqual(
    [take(parts), take(parts), take(parts)],
    [9, 10, 11].map((ms) => `out.20261124T094233.0${String(ms).padStart(2, '0')}Z.ndjson`),
  );
});

test('numbers go on behind the greatest that a lane has left, finished or not', (t) => {
  const dir = useTempDir(t);
  for (const name of ['out.000004.0.ndjson', 'out.000007.0.ndjson.part', 'out.000031.1.ndjson'])
    writeFileSync(join(dir, name), '');
  const names = new PartNames(join(dir, 'out.{n}.{lane}.ndjson'), '.ndjson', 2);
  const parts = new SeriesParts(names, 0);
  assert.deepEqual([take(parts), take(parts)], ['out.000008.0.ndjson', 'out.000009.0.ndjson']);
  assert.equal(take(new SeriesParts(names, 1)), 'out.000032.1.ndjson');
});

test('the oldest complete parts are removed, of all lanes and numbers of lanes, and nothing else', async (t) => {
  const dir = useTempDir(t);
  const stamp = (second: number): string => `20261124T0942${second}.000Z`;
  const parts = [
    `out.${stamp(10)}.ndjson`,
    `out.0.${stamp(11)}.ndjson`,
    `out.1.${stamp(12)}.ndjson`,
    `out.0.${stamp(13)}.ndjson`,
  ];
  const others = ['out.ndjson', `out.${stamp(10)}.ndjson.part`, `other.${stamp(10)}.ndjson`];
  for (const name of [...parts, ...others]) writeFileSync(join(dir, name), 'x'.repeat(100));
  mkdirSync(join(dir, `out.${stamp(9)}.ndjson`));
  const series = [1, 2].map((lanes) => new PartNames(join(dir, 'out.ndjson'), '.ndjson', lanes));
  const left = async (keep: { parts?: number; bytes?: number }): Promise<string[]> => {
    await removeOldParts(series, { parts: Infinity, bytes: Infinity, ...keep });
    return readdirSync(dir).filter((name) => parts.includes(name));
  };
  assert.equal((await left({})).length, 4);
  assert.deepEqual((await left({ parts: 3 })).toSorted(), parts.slice(1).toSorted());
  assert.deepEqual((await left({ bytes: 299 })).toSorted(), parts.slice(2).toSorted());
  assert.deepEqual(await left({ bytes: 1 }), parts.slice(3), 'the newest always stays');
  assert.deepEqual(
    readdirSync(dir).toSorted(),
    [...others, ...parts.slice(3), `out.${stamp(9)}.ndjson`].toSorted(),
  );
});
