import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { whyNotWritable, writeAsked } from './asked-file.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sockflow-asked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('what cannot be written is told before there is anything to write', (t) => {
  const folder = folderOf(t);
  assert.match(whyNotWritable(join(folder, 'none/out.json')) ?? '', /none\/out\.json: ENOENT/);
  assert.match(whyNotWritable(folder) ?? '', /is a folder/);
  assert.equal(whyNotWritable(join(folder, 'out.json')), undefined);
  assert.equal(whyNotWritable('/dev/null'), undefined);
});

test('a file is replaced as a whole, through a link, too, and nothing is left beside it', (t) => {
  const folder = folderOf(t);
  const [file, link] = [join(folder, 'out.json'), join(folder, 'link.json')];
  writeFileSync(file, 'before');
  symlinkSync('out.json', link);
  assert.equal(writeAsked(link, 'after'), undefined);
  assert.equal(readFileSync(file, 'utf8'), 'after');
  assert.deepEqual(readdirSync(folder).toSorted(), ['link.json', 'out.json']);
});

test('a failure is told in a line, and leaves no part of a file', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'sub'));
  assert.match(writeAsked('/dev/full', 'text') ?? '', /^\/dev\/full: ENOSPC/);
  assert.match(writeAsked(join(folder, 'none/out'), 'text') ?? '', /ENOENT/);
  assert.match(writeAsked(join(folder, 'sub/'), 'text') ?? '', /sub/);
  assert.deepEqual(readdirSync(folder), ['sub']);
});
