import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import {
  RecordingWriteError,
  type RecordingWriteErrorCode,
  SourceError,
  type SourceErrorCode,
} from './errors.ts';

const SOURCE_CODES: Readonly<Record<SourceErrorCode, true>> = {
  ERR_SOCKFLOW_RECORDING_MISSING: true,
  ERR_SOCKFLOW_RECORDING_READ: true,
  ERR_SOCKFLOW_RECORDING_EMPTY: true,
  ERR_SOCKFLOW_RECORDING_REPLACED: true,
  ERR_SOCKFLOW_NOT_A_RECORDING: true,
  ERR_SOCKFLOW_RECORDING_VERSION: true,
  ERR_SOCKFLOW_RECORDING_SCHEMA: true,
  ERR_SOCKFLOW_RECORDING_PARTS: true,
  ERR_SOCKFLOW_RECORDING_DAMAGED: true,
};
const WRITE_CODES: Readonly<Record<RecordingWriteErrorCode, true>> = {
  ERR_SOCKFLOW_RECORDING_WRITE: true,
  ERR_SOCKFLOW_RECORDING_TARGET: true,
  ERR_SOCKFLOW_RECORDING_STATE: true,
  ERR_SOCKFLOW_RECORDING_SLOT: true,
};

test('each code of recordings makes an error that says its code, remedy and details', () => {
  const options = { remedy: 'what to do', details: { path: 'x.sfrec' } };
  const errors = [
    ...(Object.keys(SOURCE_CODES) as SourceErrorCode[]).map(
      (code) => [code, new SourceError(code, 'what happened', options)] as const,
    ),
    ...(Object.keys(WRITE_CODES) as RecordingWriteErrorCode[]).map(
      (code) => [code, new RecordingWriteError(code, 'what happened', options)] as const,
    ),
  ];
  for (const [code, error] of errors) {
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.code, error.message, error.remedy, error.details],
      [code, 'what happened', 'what to do', { path: 'x.sfrec' }],
    );
  }
});
