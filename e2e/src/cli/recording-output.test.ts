import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requireTool } from '@sockflow/test-support';

import { shell } from './shell.ts';
import { assertRefused, REAL_RECORDING, sockflow } from './sockflow-command.ts';

test('who reads the recording may go', () => {
  for (const script of [
    'sf slice "$REAL" - | head -c 100',
    'sf gen - --size 64MiB | head -c 100',
  ]) {
    const { status, stdout, stderr } = shell(script);
    assert.equal(status, 0, `${script}\n${stderr}`);
    assert.equal(Buffer.byteLength(stdout) > 0, true);
    assert.doesNotMatch(stderr, /^error/m);
  }
});

test('what a pipe has no place for is refused before anything is read', () => {
  const sink = 'file:-?encoding=recording';
  for (const [args, place, remedy] of [
    [
      ['replay', REAL_RECORDING, '--lanes', '2', '--sink', sink],
      /encoding/,
      /one lane.*order=time/,
    ],
    [['replay', REAL_RECORDING, '--sink', `${sink}&fsync=rotate`], /--sink/, /fsync/],
    [['replay', REAL_RECORDING, '--sink', `${sink}&rotate=1MiB`], /--sink/, /rotate/],
    [['replay', REAL_RECORDING, '--json', '--sink', sink], /--json/, /file/],
    [['slice', REAL_RECORDING, '-', '--json'], /--json/, /file/],
    [['gen', '-', '--json'], /--json/, /file/],
    [['record', '-', '--lanes', '2'], /--lanes/, /file/],
  ] as const) {
    const run = sockflow([...args]);
    assertRefused(run, { status: 2, code: 'ERR_SOCKFLOW_INVALID_OPTION', place, remedy });
    assert.equal(run.stdout, '', args.join(' '));
  }
});

test('a terminal is refused', (t) => {
  if (!requireTool(t, 'script')) return;
  for (const command of [
    'sf record -',
    'sf slice "$REAL" -',
    'sf gen - --connections 5',
    'sf replay "$REAL" --sink "file:-?encoding=recording"',
  ]) {
    const line = command.replace('sf', '"$NODE" "$SOCKFLOW"');
    const { status, stdout } = shell(`script -qec '${line}' /dev/null < /dev/null`);
    assert.equal(status, 2, stdout);
    assert.match(stdout, /ERR_SOCKFLOW_INVALID_OPTION.*nothing for a terminal/);
    assert.match(stdout, /remedy.* redirect it to a file/);
  }
});
