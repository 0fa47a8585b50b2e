import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import type { BenchDocument } from '@sockflow/benchmark';
import { useTempDir } from '@sockflow/test-support';

import { inputSettings } from './input-settings.ts';

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

test('tells parameters, and the bytes of the module and of the recording', (t) => {
  const folder = useTempDir(t);
  const [path, module] = [join(folder, 'day.sfrec'), join(folder, 'slow.ts')];
  writeFileSync(path, 'recorded');
  writeFileSync(module, 'a pipeline');
  const url = pathToFileURL(module).href;
  const settings = (own: string): BenchDocument['settings'] =>
    inputSettings({
      input: { name: 'day', paths: [path], events: 1, sizeBytes: 8, recordings: [] },
      subject: {
        name: 'slow.ts',
        work: { kind: 'module', url, params: { least: 5 }, hasRealSinks: false },
        filters: { ports: [], networks: [], time: {} },
      },
      folder: own,
    });
  assert.deepEqual(settings('/elsewhere'), {
    recordings: path,
    recordingSha256: sha256('recorded'),
    params: '{"least":5}',
    moduleSha256: sha256('a pipeline'),
  });
  assert.equal(settings(folder)['recordings'], 'day');

  const sizeBytes = 65 * 2 ** 20;
  truncateSync(path, sizeBytes);
  const first = Buffer.alloc(2 ** 20);
  first.write('recorded');
  const ends = Buffer.concat([first, Buffer.alloc(2 ** 20), Buffer.from(String(sizeBytes))]);
  const large = settings('/elsewhere');
  assert.equal(large['recordingSha256OfFirstAndLastMibAndSize'], sha256(ends));
  assert.equal(large['recordingSha256'], undefined);
});
