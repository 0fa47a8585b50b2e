import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { KafkaError, type KafkaErrorCode } from './errors.ts';

const CODES: Readonly<Record<KafkaErrorCode, true>> = {
  ERR_SOCKFLOW_KAFKA_CLIENT: true,
  ERR_SOCKFLOW_KAFKA_UNREACHABLE: true,
  ERR_SOCKFLOW_KAFKA_ACCESS: true,
  ERR_SOCKFLOW_KAFKA_TOPIC: true,
  ERR_SOCKFLOW_KAFKA_REFUSED: true,
};

test('each code makes an error that says its code, remedy and details', () => {
  for (const code of Object.keys(CODES) as KafkaErrorCode[]) {
    const error = new KafkaError(code, 'what happened', {
      remedy: 'what to do',
      details: { a: 1 },
    });
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.name, error.code, error.message, error.remedy, error.details],
      ['KafkaError', code, 'what happened', 'what to do', { a: 1 }],
    );
  }
});
