import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { cachedFile } from './cached-file.ts';

test('a file is written once for the same bytes, and anew where it was cut short', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sockflow-cached-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const path = cachedFile('slots', bytes, folder);
  const { ino } = statSync(path);
  assert.equal(cachedFile('slots', bytes, folder), path);
  assert.equal(statSync(path).ino, ino);
  truncateSync(path, 2);
  assert.equal(cachedFile('slots', bytes, folder), path);
  assert.deepEqual(new Uint8Array(readFileSync(path)), bytes);
  assert.notEqual(cachedFile('slots', Uint8Array.of(1, 2, 3, 5), folder), path);
  assert.equal(readdirSync(folder).length, 2);
});
