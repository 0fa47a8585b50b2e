import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { KafkaSourceError, type KafkaSourceErrorCode } from './errors.ts';

const CODES: Readonly<Record<KafkaSourceErrorCode, true>> = {
  ERR_SOCKFLOW_KAFKA_BAD_VALUE: true,
  ERR_SOCKFLOW_KAFKA_SCHEMA: true,
  ERR_SOCKFLOW_KAFKA_GROUP: true,
};

test('each code makes an error that says its code, remedy and details', () => {
  for (const code of Object.keys(CODES) as KafkaSourceErrorCode[]) {
    const error = new KafkaSourceError(code, 'what happened', {
      remedy: 'what to do',
      details: { partition: 1 },
    });
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.name, error.code, error.message, error.remedy, error.details],
      ['KafkaSourceError', code, 'what happened', 'what to do', { partition: 1 }],
    );
  }
});
