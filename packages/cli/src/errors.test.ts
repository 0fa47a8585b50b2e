import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { CommandError, type CommandErrorCode } from './errors.ts';

const CODES: Readonly<Record<CommandErrorCode, true>> = {
  ERR_SOCKFLOW_BENCH_ANSWER: true,
  ERR_SOCKFLOW_USAGE: true,
  ERR_SOCKFLOW_CONFIG: true,
  ERR_SOCKFLOW_CONFIG_VARIABLE: true,
  ERR_SOCKFLOW_INPUT_FILE: true,
  ERR_SOCKFLOW_INPUT_DAMAGED: true,
  ERR_SOCKFLOW_INPUT_LINE: true,
  ERR_SOCKFLOW_UNEXPECTED: true,
};

test('each code of the command makes an error that says its code, place and remedy', () => {
  for (const code of Object.keys(CODES) as CommandErrorCode[]) {
    const details = { place: 'x.ndjson, line 3' };
    const error = new CommandError(code, 'what happened', { remedy: 'what to do', details });
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.name, error.code, error.message, error.remedy, error.details],
      ['CommandError', code, 'what happened', 'what to do', details],
    );
  }
});
