import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requireTool, type SkippableTest } from './needs.ts';

class RecordedTest implements SkippableTest {
  readonly reasons: string[] = [];

  skip(reason = ''): void {
    this.reasons.push(reason);
  }
}

function withRequirement(value: string | undefined, run: () => void): void {
  const before = process.env['SOCKFLOW_REQUIRE'];
  if (value === undefined) delete process.env['SOCKFLOW_REQUIRE'];
  else process.env['SOCKFLOW_REQUIRE'] = value;
  try {
    run();
  } finally {
    if (before === undefined) delete process.env['SOCKFLOW_REQUIRE'];
    else process.env['SOCKFLOW_REQUIRE'] = before;
  }
}

test('a command that exists is no reason to skip', () => {
  const recorded = new RecordedTest();
  assert.equal(requireTool(recorded, process.execPath), true);
  assert.deepEqual(recorded.reasons, []);
});

test('a missing command skips the test and names the command', () => {
  withRequirement(undefined, () => {
    const recorded = new RecordedTest();
    assert.equal(requireTool(recorded, 'no-such-command-here'), false);
    assert.deepEqual(recorded.reasons, ["needs the command 'no-such-command-here'"]);
  });
});

test('a missing command is a failure where everything is required', () => {
  withRequirement('all', () => {
    assert.throws(
      () => requireTool(new RecordedTest(), 'no-such-command-here'),
      /needs the command 'no-such-command-here'/,
    );
  });
});
