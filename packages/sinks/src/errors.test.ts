import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { SinkError, type SinkErrorCode } from './errors.ts';

const CODES: Readonly<Record<SinkErrorCode, true>> = {
  ERR_SOCKFLOW_SINK_PATH: true,
  ERR_SOCKFLOW_SINK_WRITE: true,
  ERR_SOCKFLOW_SINK_DISK_FULL: true,
  ERR_SOCKFLOW_SINK_READER_GONE: true,
  ERR_SOCKFLOW_SINK_VALUE: true,
  ERR_SOCKFLOW_SINK_FULL: true,
  ERR_SOCKFLOW_SINK_CLOSED: true,
  ERR_SOCKFLOW_SINK_COLLECTOR: true,
  ERR_SOCKFLOW_SINK_MODULE: true,
  ERR_SOCKFLOW_SPOOL_FULL: true,
  ERR_SOCKFLOW_SPOOL_LOCKED: true,
  ERR_SOCKFLOW_SPOOL_DAMAGED: true,
  ERR_SOCKFLOW_SPOOL_DIRECTORY: true,
  ERR_SOCKFLOW_SPOOL_IO: true,
};

test('each code of the sinks makes an error that says its code, remedy and details', () => {
  for (const code of Object.keys(CODES) as SinkErrorCode[]) {
    const error = new SinkError(code, 'what happened', {
      remedy: 'what to do',
      details: { path: 'x' },
    });
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.name, error.code, error.message, error.remedy, error.details],
      ['SinkError', code, 'what happened', 'what to do', { path: 'x' }],
    );
  }
});
