import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

import { ConfigError, isSockflowError, LaneError, SchemaError, SockflowError } from '../errors.ts';
import { fromWireError, toWireError, type WireError } from './wire-error.ts';

function acrossThreads(thrown: unknown): Error {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(toWireError(thrown));
  const received = receiveMessageOnPort(port2) as { message: WireError };
  port1.close();
  return fromWireError(received.message);
}

test('an error of ours keeps its class, code, details, remedy, causes and stack', () => {
  const root = new TypeError('x is not a function');
  const cause = new SchemaError('ERR_SOCKFLOW_FIELD_RANGE', 'too large', {
    details: { value: 5n },
    cause: root,
  });
  const error = new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'lanes', {
    details: { lanes: 0 },
    remedy: 'give more',
    cause,
  });
  const rebuilt = acrossThreads(error);
  assert.ok(rebuilt instanceof ConfigError);
  assert.deepEqual(rebuilt, error);
  assert.equal(rebuilt.stack, error.stack);
  assert.ok(isSockflowError(rebuilt.cause));
  assert.deepEqual(rebuilt.cause.details, { value: 5n });
  assert.ok(rebuilt.cause.cause instanceof TypeError);
  assert.equal(rebuilt.cause.cause.stack, root.stack);
});

test('an error of another package of ours is recognised by its code', () => {
  class SourceError extends SockflowError<'ERR_SOCKFLOW_NOT_A_RECORDING'> {}
  const rebuilt = acrossThreads(
    new SourceError('ERR_SOCKFLOW_NOT_A_RECORDING', 'no', { details: { path: '/x' }, remedy: 'y' }),
  );
  assert.ok(isSockflowError(rebuilt));
  assert.deepEqual(
    [rebuilt.name, rebuilt.code, rebuilt.details, rebuilt.remedy],
    ['SourceError', 'ERR_SOCKFLOW_NOT_A_RECORDING', { path: '/x' }, 'y'],
  );
});

test("a system error keeps Node's facts", () => {
  const error = Object.assign(new Error('ENOSPC: no space left'), {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
    path: '/tmp/x',
  });
  assert.deepEqual(acrossThreads(error), error);
});

test('what is thrown without being an error becomes one', () => {
  assert.equal(acrossThreads('just text').message, 'just text');
  assert.match(acrossThreads({ reason: 7 }).message, /reason: 7/);
  assert.equal(acrossThreads(undefined).message, 'undefined');
});

test('a code and a remedy of somebody’s own arrive, of an error and of what is none', () => {
  const own = { code: 'ERR_MY', remedy: 'do this' };
  for (const thrown of [Object.assign(new Error('no luck'), own), own]) {
    const { code, remedy } = acrossThreads(thrown) as Error & typeof own;
    assert.deepEqual({ code, remedy }, own);
  }
});

test('details that cannot be cloned are sent as text', () => {
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'x', {
    details: { lane: 1, test: () => 1 },
  });
  assert.deepEqual(Object.keys((acrossThreads(error) as LaneError).details), ['lane', 'test']);
});

test('a cause that is its own cause ends somewhere', () => {
  const error = new Error('round');
  error.cause = error;
  assert.equal(acrossThreads(error).message, 'round');
});

test('an aggregate keeps its errors', () => {
  const rebuilt = acrossThreads(new AggregateError([new RangeError('a'), 'b'], 'both'));
  assert.ok(rebuilt instanceof AggregateError);
  assert.deepEqual(
    rebuilt.errors.map((error: Error) => error.message),
    ['a', 'b'],
  );
});
