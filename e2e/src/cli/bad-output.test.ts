import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { assertRefused, REAL_CONTEXT, REAL_RECORDING, sockflow } from './sockflow-command.ts';

test('a sink path that cannot be written is refused before anything is read', (t) => {
  const dir = useTempDir(t);
  mkdirSync(join(dir, 'folder.ndjson'));
  writeFileSync(join(dir, 'file'), '');
  for (const name of ['missing/out.ndjson', 'folder.ndjson', 'file/out.ndjson']) {
    const path = join(dir, name);
    const run = sockflow(['replay', REAL_RECORDING, '--sink', `file:${path}`]);
    assertRefused(run, {
      status: 1,
      code: 'ERR_SOCKFLOW_SINK_PATH',
      place: new RegExp(name.split('/')[0] ?? ''),
      remedy: /\S/,
    });
  }
});

test('a sink that there is not is refused with the nearest', () => {
  assertRefused(sockflow(['replay', REAL_RECORDING, '--sink', 'fil:out.ndjson']), {
    status: 2,
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    place: /\S/,
    remedy: /[Dd]id you mean 'file'\?/,
  });
});

test('a name that tells no encoding is refused with how the command line says one', () => {
  assertRefused(sockflow(['replay', REAL_RECORDING, '--sink', 'x.parquet']), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--sink x\.parquet/,
    remedy: /file:x\.parquet\?encoding=ndjson/,
  });
});

test('the memory sink, whose events nobody would see, is refused', () => {
  assertRefused(sockflow(['replay', REAL_RECORDING, '--sink', 'memory:']), {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--sink memory:/,
    remedy: /--sink console:/,
  });
});

test('a recording given as raw events is called a recording', (t) => {
  const out = join(useTempDir(t), 'out.sfrec');
  assertRefused(sockflow(['convert', '--from', 'context-json', REAL_RECORDING, out]), {
    status: 2,
    code: 'ERR_SOCKFLOW_INPUT_FILE',
    message: /is a recording, not context-json/,
    place: /real\.sfrec/,
    remedy: /--from/,
  });
});

test('a full disk ends the command with an error', () => {
  const run = sockflow(['convert', REAL_RECORDING, '/dev/full', '--to', 'ndjson']);
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /^error ERR_SOCKFLOW_LANE_FAILED: .*no space left on the device/m);
});

test('a recording that cannot be written is refused', (t) => {
  const path = join(useTempDir(t), 'missing', 'out.sfrec');
  for (const args of [['convert', '--from', 'context-json', REAL_CONTEXT, path]]) {
    const run = sockflow(args);
    assert.equal(run.stdout, '');
    assertRefused(run, {
      status: 1,
      code: 'ERR_SOCKFLOW_RECORDING_WRITE',
      place: /missing/,
      remedy: /\S/,
    });
  }
});
