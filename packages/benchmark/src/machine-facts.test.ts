import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { isBoostedIn, quotaCoresOf } from './machine-facts.ts';

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sockflow-machine-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  }
  return folder;
}

test('the quota is the least of the cgroup and of those above it', (t) => {
  const root = folderWith(t, {
    'a/cpu.max': '150000 100000',
    'a/b/cpu.max': 'max 100000',
    'c/cpu.max': 'max 100000',
  });
  assert.equal(quotaCoresOf('1:cpu:/x\n0::/a/b\n', root), 1.5);
  assert.equal(quotaCoresOf('0::/c\n', root), undefined);
  assert.equal(quotaCoresOf('0::/\n', folderWith(t, { 'cpu.max': '50000 100000' })), 0.5);
  assert.equal(quotaCoresOf('4:cpu:/docker\n', root), undefined);
});

test('boost is told as the driver of the frequency tells it', (t) => {
  assert.equal(isBoostedIn(folderWith(t, { 'intel_pstate/no_turbo': '0' })), true);
  assert.equal(isBoostedIn(folderWith(t, { 'intel_pstate/no_turbo': '1' })), false);
  assert.equal(isBoostedIn(folderWith(t, { 'cpufreq/boost': '1' })), true);
  assert.equal(isBoostedIn(folderWith(t, { 'cpufreq/boost': '0' })), false);
  assert.equal(isBoostedIn(folderWith(t, {})), undefined);
});
