import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { TooMuchMemory, underLimit } from './allocation-limit.test.support.ts';
import { baseFiles } from './base-files.test.support.ts';
import { checkInput } from './check-input.test.support.ts';
import { Draft } from './draft.test.support.ts';
import { fuzzDir } from './fuzz-dir.test.support.ts';
import { inputOf } from './mutate.test.support.ts';
import { watchFuzz } from './watch-fuzz.test.support.ts';

const FOUND = fileURLToPath(new URL('../../fixtures/fuzz/', import.meta.url));
const INPUTS = 3000;
const SEED = 'fixed';

function useFuzzDir(t: TestContext): string {
  const dir = mkdtempSync(join(fuzzDir() ?? tmpdir(), 'sockflow-fuzz-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('spoilt recordings give coded errors or valid events, within bounds', async (t) => {
  // The same inputs each time: new ones are for the long form, where somebody looks at what it finds.
  const report = await watchFuzz({ seed: SEED, inputs: INPUTS, dir: useFuzzDir(t) });
  const { inputs, coverage, outcomes } = report;
  t.diagnostic(`${inputs} inputs, ${coverage.ran} of ${coverage.known} blocks`);
  assert.deepEqual(report.findings, []);
  assert.equal(inputs, INPUTS);
  // Most of what is made is read, and not refused at its first byte.
  assert.ok((outcomes['read'] ?? 0) > INPUTS / 2, JSON.stringify(outcomes));
});

for (const name of readdirSync(FOUND).filter((file) => file.endsWith('.sfrec'))) {
  test(`what was once found stays right: ${name}`, async (t) => {
    const expected = JSON.parse(readFileSync(join(FOUND, 'outcomes.json'), 'utf8')) as Record<
      string,
      string
    >;
    const path = join(useFuzzDir(t), 'input.sfrec');
    assert.equal(await checkInput(path, readFileSync(join(FOUND, name))), expected[name]);
  });
}

test('a draft that nobody changed is the file it was made of', (t) => {
  const seal = { bodies: true, offsets: true, index: true, headers: true, preamble: true };
  for (const { name, bytes } of baseFiles(useFuzzDir(t))) {
    assert.ok(new Draft(bytes).toFile(seal).equals(bytes), name);
    const plan = { base: 0, mutations: [], seal: 31, isUnfinished: false, isDeep: true };
    assert.ok(inputOf(plan, bytes).equals(bytes), name);
  }
});

test('memory over the limit is refused before it is taken', async () => {
  for (const take of [
    () => Buffer.alloc(1 << 20),
    () => new SharedArrayBuffer(1 << 20),
    () => Array.from({ length: 20 }, () => Buffer.alloc(1 << 16)),
  ]) {
    await assert.rejects(
      underLimit(1 << 19, async () => void take()),
      TooMuchMemory,
    );
  }
  await underLimit(1 << 21, async () => void Buffer.alloc(1 << 20));
});
