import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ConfigError, LaneError } from '@sockflow/core';

import { ExitCode, exitCodeOf } from './exit-code.ts';

const ERRORS_PAGE = new URL('../../../docs/errors.md', import.meta.url);
const EXIT_CODE_BY_SEVERITY: Readonly<Record<string, ExitCode>> = {
  usage: ExitCode.USAGE,
  data: ExitCode.BAD_INPUT,
  system: ExitCode.FAILED,
  pipeline: ExitCode.FAILED,
  bug: ExitCode.FAILED,
};
/** Data that reaches the command only as the cause of ERR_SOCKFLOW_INPUT_LINE, whatever else writes raw events. */
const NEVER_ALONE = new Set(['ERR_SOCKFLOW_FIELD_MISSING', 'ERR_SOCKFLOW_FIELD_RANGE']);

test('the exit code of an error follows from its severity in the documentation', () => {
  const page = readFileSync(ERRORS_PAGE, 'utf8');
  const rows = [...page.matchAll(/^\| `(ERR_SOCKFLOW_\w+)` \|.*\| (\w+) \|$/gm)];
  assert.ok(rows.length > 30);
  for (const [, code = '', severity = ''] of rows) {
    if (NEVER_ALONE.has(code)) continue;
    const error = Object.assign(new Error('x'), { code });
    assert.equal(exitCodeOf(error), EXIT_CODE_BY_SEVERITY[severity], `${code}: ${severity}`);
  }
});

test('an error of a lane has the exit code of what caused it', () => {
  const cause = new ConfigError('ERR_SOCKFLOW_UNKNOWN_NAME', 'x');
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'y', { cause });
  assert.equal(exitCodeOf(error), ExitCode.USAGE);
});

test('an error that is none of ours is a failure', () => {
  assert.equal(exitCodeOf(new TypeError('x')), ExitCode.FAILED);
  assert.equal(exitCodeOf('thrown'), ExitCode.FAILED);
});
