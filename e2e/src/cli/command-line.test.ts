import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertRefused, REAL_RECORDING, sockflow, sockflowOk } from './sockflow-command.ts';

test('the version is the one of the package', () => {
  assert.match(sockflowOk(['--version']).stdout, /^\d+\.\d+\.\d+\S*\n$/);
});

test('help is on stdout, and nothing is on stderr', () => {
  const { stdout, stderr } = sockflowOk(['replay', '--help']);
  assert.match(stdout, /^Usage: sockflow replay/);
  assert.equal(stderr, '');
});

test('an unknown option is refused with the nearest one', () => {
  assertRefused(sockflow(['replay', REAL_RECORDING, '--tcp-flag', 'SYN']), {
    status: 2,
    code: 'ERR_SOCKFLOW_USAGE',
    place: /^sockflow replay$/,
    remedy: /Did you mean --tcp-flags\?/,
  });
});

test('an unknown op or flag name is refused with the nearest one', () => {
  for (const [option, name, nearest] of [
    ['--op', 'RETRAN_CB', 'RETRANS_CB'],
    ['--tcp-flags', 'SNY', 'SYN'],
  ] as const) {
    assertRefused(sockflow(['replay', REAL_RECORDING, option, name]), {
      status: 2,
      code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
      place: new RegExp(`^${option}$`),
      remedy: new RegExp(`Did you mean ${nearest}\\?`),
    });
  }
});

test('options that contradict each other are refused, and nothing is on stdout', () => {
  const flags = ['--tcp-flags', 'SYN', '--tcp-flags-none', 'SYN'];
  const run = sockflow(['replay', REAL_RECORDING, ...flags]);
  assert.equal(run.stdout, '');
  assertRefused(run, {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /--tcp-flags, --tcp-flags-none/,
    remedy: /\S/,
  });
});
