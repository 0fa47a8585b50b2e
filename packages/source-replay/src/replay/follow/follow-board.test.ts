import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SourceError } from '../../errors.ts';
import { FollowBoard } from './follow-board.ts';

function told(message: string, details: object, remedy?: string): SourceError | undefined {
  const board = FollowBoard.allocate();
  const options = {
    details: details as Record<string, unknown>,
    ...(remedy === undefined ? {} : { remedy }),
  };
  board.fail(new SourceError('ERR_SOCKFLOW_RECORDING_READ', message, options));
  return new FollowBoard(board.memory).failure;
}

test('a failure that fits is told whole', () => {
  const failure = told('cannot be read', { path: 'a' }, 'Look');
  assert.equal(failure?.code, 'ERR_SOCKFLOW_RECORDING_READ');
  assert.equal(failure.message, 'cannot be read');
  assert.equal(failure.remedy, 'Look');
  assert.deepEqual(failure.details, { path: 'a' });
});

for (const letter of ['a', '\u0001', '語']) {
  test(`a failure that does not fit is told all the same, as far as it goes: ${JSON.stringify(letter)}`, () => {
    const long = letter.repeat(20_000);
    const failure = told(`recording '${long}'`, { path: long }, long);
    assert.equal(failure?.code, 'ERR_SOCKFLOW_RECORDING_READ');
    assert.ok(failure.message.startsWith(`recording '${letter.repeat(100)}`));
    assert.equal(told('short', { path: long })?.message, 'short');
  });
}
