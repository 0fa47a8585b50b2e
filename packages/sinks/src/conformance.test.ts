import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { checkSink } from '@sockflow/core/conformance';
import { useTempDir } from '@sockflow/test-support';

import { file } from './file/index.ts';
import { memory } from './memory/index.ts';

for (const name of [
  'out.ndjson',
  'out.sfrec',
  'out.context.ndjson',
  'out.csv',
  'out.csv.gz',
  'out.msgpack',
  'out.records.msgpack',
]) {
  test(`a file sink of ${name} keeps the contract of sinks`, async (t) => {
    assert.deepEqual(await checkSink(file(join(useTempDir(t), name))), []);
  });
}

test('the memory sink keeps the contract of sinks', async () => {
  assert.deepEqual(await checkSink(memory()), []);
});
