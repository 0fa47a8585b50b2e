import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';

import { ConfigError, LaneError } from '@sockflow/core';

import { errorReport, reportError } from './report-error.ts';
import { Terminal } from './terminal.ts';

function told(error: unknown, isVerbose = false): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  reportError(new Terminal(stream, {}), error, isVerbose);
  return text;
}

test('an error is told by code, message, place and remedy, without a stack', () => {
  const error = new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'expected a port, got x', {
    details: { place: '--port' },
    remedy: 'give a port',
  });
  assert.equal(
    told(error),
    'error ERR_SOCKFLOW_INVALID_OPTION: expected a port, got x\n  place  --port\n  remedy Give a port\n',
  );
});

test('an error of a lane tells the lane, the operator and the cause, and takes the cause’s remedy', () => {
  const cause = new ConfigError('ERR_SOCKFLOW_NO_LANE', 'it broke', {
    details: { path: '/x/y.sfrec' },
    remedy: 'mend it',
  });
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'lane 1 failed', {
    details: { lane: 1, operator: 'where' },
    cause,
  });
  const text = told(error);
  assert.match(text, /^error ERR_SOCKFLOW_LANE_FAILED: lane 1 failed\n/);
  assert.match(told(error, true), /^ {2}cause +it broke$/m);
  assert.match(text, /^ {2}place +lane 1, operator where, \/x\/y\.sfrec$/m);
  assert.match(text, /^ {2}remedy Mend it$/m);
});

test('a place that several links of the chain know is told once, with the line of the user’s code last', () => {
  const cause = new ConfigError('ERR_SOCKFLOW_SINK_INPUT', 'batches only', {
    details: { output: 'events', operator: 'where', sink: 'file(x)' },
  });
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'lane 1 failed', {
    details: { lane: 1, output: 'events', operator: 'where', sink: 'file(x)', at: '/p.ts:3:9' },
    cause,
  });
  assert.match(
    told(error),
    /^ {2}place +lane 1, output events, operator where, sink file\(x\), at \/p\.ts:3:9$/m,
  );
});

test('a cause that the message already tells is not repeated', () => {
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'lane 0 failed: no timeouts', {
    cause: new TypeError('no timeouts'),
  });
  assert.doesNotMatch(told(error, true), /cause +no timeouts/);
});

test('an error that is not ours is told too, with the way to more; verbose tells its stack', () => {
  const error = new TypeError('x is not a function');
  assert.match(told(error), /^error ERR_SOCKFLOW_UNEXPECTED: x is not a function\n.*--verbose/);
  assert.doesNotMatch(told(error), /\n\s+at /);
  assert.match(told(error, true), /TypeError: x is not a function\n\s+at /);
});

test('a cause with a code of somebody’s own is told with it and its remedy, to programs too', () => {
  const own = Object.assign(new Error('no luck'), { code: 'ERR_MY', remedy: 'do this' });
  const error = new LaneError('ERR_SOCKFLOW_LANE_FAILED', 'lane 0 failed: no luck', { cause: own });
  assert.match(told(error), / {2}remedy Do this\n {2}cause {2}ERR_MY: no luck\n$/);
  const { codes, causes } = errorReport(error);
  assert.deepEqual(
    { codes, causes },
    { codes: ['ERR_SOCKFLOW_LANE_FAILED', 'ERR_MY'], causes: ['ERR_MY: no luck'] },
  );
});

test('a chain of causes that bites its tail ends', () => {
  const error = new Error('outer');
  error.cause = new Error('inner', { cause: error });
  assert.match(told(error, true), /cause +inner/);
});

test('what is no error is told as it is', () => {
  assert.match(told('a thrown text'), /ERR_SOCKFLOW_UNEXPECTED: a thrown text/);
});
